"""Ends an embedded server that nobody has used for a while; run as a small process of its own.

A script without imports of ours: it stands beside the server with a few megabytes. Everyone who uses
the server holds a shared lock on one file, which the system takes back from whoever dies; when this
process gets the lock for itself, nobody is there.

Arguments: lock file, data directory, pid of the server, idle seconds.
"""

import fcntl
import os
import signal
import sys
import time

LOOK_SECONDS = 5.0


def runs(data: str, pid: int) -> bool:
    """Whether the server we were started for still runs, and no stranger under its number."""
    try:
        with open(os.path.join(data, "postmaster.pid"), encoding="utf-8") as written:  # noqa: PTH118, PTH123 - no imports
            if written.readline().strip() != str(pid):
                return False
        os.kill(pid, 0)
        return not os.path.isdir("/proc/self") or os.path.samefile(f"/proc/{pid}/cwd", data)  # noqa: PTH112, PTH121 - no imports
    except OSError:
        return False


def watch(lock_file: str, data: str, pid: int, idle_seconds: float) -> None:
    """Look now and then; stop the server once the lock was free and untouched for long enough."""
    lock = os.open(lock_file, os.O_RDWR)
    pause_seconds = min(LOOK_SECONDS, idle_seconds / 2)
    while runs(data, pid):
        time.sleep(pause_seconds)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        if time.time() - os.fstat(lock).st_mtime < idle_seconds:
            fcntl.flock(lock, fcntl.LOCK_UN)
            continue
        if runs(data, pid):
            os.kill(pid, signal.SIGINT)
        while runs(data, pid):
            time.sleep(0.05)
        return


def main() -> None:
    """Leave the caller's side at once, then watch."""
    if os.fork():
        return
    os.setsid()
    lock_file, data, pid, idle_seconds = sys.argv[1:]
    watch(lock_file, data, int(pid), float(idle_seconds))


if __name__ == "__main__":
    main()
