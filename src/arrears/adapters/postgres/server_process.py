"""The process behind a data directory: whether it runs, whether what a pid file says is still true."""

from __future__ import annotations

import os
import signal
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PID_FILE = "postmaster.pid"
#: The lines of the pid file, as PostgreSQL documents them: pid, data directory, start time, port,
#: socket directory, listen address, shared memory, status.
PID_FILE_LINES = 8
READY = "ready"
PROGRAM = "postgres"

PAUSE_SECONDS = 0.02
#: Children of a killed server notice within a second or two; a checkpoint at shutdown takes longer.
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class PidFile:
    """What a server wrote about itself; true only as long as the process lives."""

    pid: int
    port: int
    socket_directory: str
    status: str

    @property
    def socket_path(self) -> str:
        """Where the server listens."""
        return f"{self.socket_directory}/.s.PGSQL.{self.port}"


def read_pid_file(data: Path) -> PidFile | None:
    """The pid file of a data directory; None where there is none, or not yet a whole one."""
    try:
        lines = (data / PID_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    if len(lines) < PID_FILE_LINES or not (lines[0].strip("-").isdigit() and lines[3].isdigit()):
        return None
    return PidFile(
        pid=abs(int(lines[0])),
        port=int(lines[3]),
        socket_directory=lines[4].strip(),
        status=lines[7].strip(),
    )


def answers(written: PidFile | None) -> bool:
    """Whether a server listens where the pid file says; costs no process and no log line of note."""
    if written is None or written.status != READY:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knocking:
        try:
            knocking.connect(written.socket_path)
        except OSError:
            return False
    return True


def processes_of(data: Path) -> list[int]:
    """Living PostgreSQL processes that work in the data directory: a server and its children.

    A pid that was given to a stranger meanwhile does not count, nor does a dead one that nobody has
    collected yet; PostgreSQL itself would take both for a running server.
    """
    import psutil  # type: ignore[import-untyped]  # noqa: PLC0415 - ships no types; slow path only

    there = os.path.realpath(data)
    found = []
    for process in psutil.process_iter():
        try:
            if process.name().startswith(PROGRAM) and process.status() != psutil.STATUS_ZOMBIE:
                found += [process.pid] if process.cwd() == there else []
        except psutil.Error:
            continue
    return found


def wait_until_gone(data: Path, patience_seconds: float = PATIENCE_SECONDS) -> bool:
    """Wait for every process of a data directory to end; False where one is still there."""
    until = time.monotonic() + patience_seconds
    while processes_of(data):
        if time.monotonic() > until:
            return False
        time.sleep(PAUSE_SECONDS * 2)
    return True


def clear_stale_pid_file(data: Path, patience_seconds: float = PATIENCE_SECONDS) -> bool:
    """Remove what a killed server left, once none of its children can write any more.

    PostgreSQL does this by itself only while the pid is free; after a restart of a container, or
    under a parent that never collects its dead, it is not.

    Returns:
        Whether the directory is free to start in.
    """
    if not wait_until_gone(data, patience_seconds):
        return False
    (data / PID_FILE).unlink(missing_ok=True)
    return True


def wait_until_ready(data: Path, patience_seconds: float = PATIENCE_SECONDS) -> bool:
    """Wait for a server that is starting or stopping to make up its mind; True once it answers."""
    until = time.monotonic() + patience_seconds
    while time.monotonic() < until:
        if answers(read_pid_file(data)):
            return True
        if not processes_of(data):
            return False
        time.sleep(PAUSE_SECONDS)
    return False


def stop_process(
    data: Path, patience_seconds: float = PATIENCE_SECONDS, *, in_haste: bool = False
) -> bool:
    """Ask the server of a data directory to end now, and wait; True where none runs afterwards.

    Clients are disconnected, committed work is kept, what was not committed is undone.

    Args:
        data: The data directory.
        patience_seconds: How long to wait.
        in_haste: Leave the tidying to the next start, which recovers as after a crash.
    """
    written = read_pid_file(data)
    if written is None or written.pid not in processes_of(data):
        return not processes_of(data)
    os.kill(written.pid, signal.SIGQUIT if in_haste else signal.SIGINT)
    return wait_until_gone(data, patience_seconds)
