"""The embedded server: any path, any user, killed at any time, and gone when nobody needs it."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from arrears.adapters.postgres import embedded
from arrears.adapters.postgres.connection import open_embedded, open_store
from arrears.adapters.postgres.server_process import answers, processes_of, read_pid_file
from arrears.kernel.errors import ArrearsError

SOURCES = Path(embedded.__file__).parents[3]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory):  # noqa: ANN201 - a path
    """A home of blanks, quotes and 200 letters, in a folder closed to others."""
    closed = tmp_path_factory.mktemp("closed")
    closed.chmod(0o700)
    yield closed / 'it\'s a $HOME, "quoted"' / ("y" * 200)
    embedded.stop(closed / 'it\'s a $HOME, "quoted"' / ("y" * 200))


def test_it_starts_in_any_path_and_is_found_again(home: Path) -> None:
    """Blanks, quotes, a dollar and a path no Unix socket could have: it starts, once."""
    first = embedded.start(home)
    pid = read_pid_file(first.data_directory)
    assert embedded.start(home) == first
    assert read_pid_file(first.data_directory) == pid
    assert len(os.fsencode(first.socket_directory)) < 107 - len("/.s.PGSQL.5432")
    with psycopg.connect(first.url("postgres", "postgres")) as connection:
        assert connection.execute("select current_setting('data_directory')").fetchone() == (
            str(first.data_directory),
        )


def test_durability_is_on_and_no_port_is_open(postgres_server) -> None:
    """What is committed is on disk; nobody reaches the server over a network."""
    with psycopg.connect(postgres_server.url("postgres", "postgres")) as connection:
        found = connection.execute(
            "select name, setting from pg_settings where name in ('fsync', 'synchronous_commit',"
            " 'full_page_writes', 'listen_addresses', 'data_checksums') order by name"
        ).fetchall()
    assert dict(found) == {
        "data_checksums": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "listen_addresses": "",
        "synchronous_commit": "on",
    }


def test_others_find_the_socket_closed(postgres_server) -> None:
    """The socket's folder and the data belong to the server's user, and nobody else may enter."""
    for folder in (postgres_server.data_directory, postgres_server.socket_directory):
        assert folder.stat().st_mode & 0o077 == 0
        assert folder.stat().st_uid != 0


def test_committed_work_outlives_a_killed_server(home: Path) -> None:
    """SIGKILL between a commit and a rollback: after the next start the one is there, the other not."""
    server = embedded.start(home)
    url = server.url("postgres", "postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table kept (number integer)")
        connection.execute("insert into kept values (1)")
        connection.autocommit = False
        connection.execute("insert into kept values (2)")
        written = read_pid_file(server.data_directory)
        assert written
        os.kill(written.pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):  # noqa: PT012 - until it notices
            while True:
                connection.execute("select 1")
    assert (server.data_directory / "postmaster.pid").exists()
    again = embedded.start(home)
    with psycopg.connect(again.url("postgres", "postgres")) as connection:
        assert connection.execute("select number from kept").fetchall() == [(1,)]


def test_a_pid_that_became_a_strangers_does_not_stop_a_start(home: Path) -> None:
    """A pid file that names a living process of somebody else, as after a reboot, is passed over."""
    embedded.start(home)
    data = home / embedded.DATA_FOLDER
    text = (data / "postmaster.pid").read_text()
    embedded.stop(home)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        lines = [str(stranger.pid), *text.splitlines()[1:]]
        (data / "postmaster.pid").write_text("\n".join(lines) + "\n")
        server = embedded.start(home)
        assert answers(read_pid_file(server.data_directory))
        assert stranger.poll() is None
        stranger.communicate()


def test_a_start_killed_half_way_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    """What an interrupted first start left is thrown away, and the next one succeeds."""
    (tmp_path / "postgresql.new" / "base").mkdir(parents=True)
    (tmp_path / "postgresql.new" / "PG_VERSION").write_text("18")
    (tmp_path / "postgresql").mkdir()
    try:
        assert answers(read_pid_file(embedded.start(tmp_path).data_directory))
    finally:
        assert embedded.stop(tmp_path)
    assert not (tmp_path / "postgresql.new").exists()


def test_two_starts_at_once_make_one_server(tmp_path: Path) -> None:
    """Two processes that find no server start one between them."""
    program = (
        "import sys; from pathlib import Path; from arrears.adapters.postgres import embedded;"
        "from arrears.adapters.postgres.server_process import read_pid_file;"
        "print(read_pid_file(embedded.start(Path(sys.argv[1])).data_directory).pid)"
    )
    words = [sys.executable, "-c", program, str(tmp_path)]
    try:
        both = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(2)]  # noqa: S603 - our own words
        told = [each.communicate(timeout=60)[0] for each in both]
        assert told[0] == told[1] != ""
    finally:
        assert embedded.stop(tmp_path)


def test_it_ends_when_nobody_uses_it(tmp_path: Path) -> None:
    """Its last user gone for the time given, the server ends by itself; while one is there it stays."""
    program = (
        "import sys, time; from pathlib import Path; from arrears.adapters.postgres import embedded;"
        "embedded.start(Path(sys.argv[1]), idle_seconds=0.4); time.sleep(1.5)"
    )
    data = tmp_path / "postgresql"
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) as user:  # noqa: S603 - our own words
        user.wait(60)
        assert processes_of(data), "it ended under its user"
    until = time.monotonic() + 20
    while processes_of(data):
        assert time.monotonic() < until, "it did not end"
        time.sleep(0.1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can show what another user gets")
def test_it_runs_for_an_ordinary_user_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Not root: the server runs as the user, who alone can reach data and socket."""
    interpreter = Path("/usr/bin/python3")
    packages = [path for path in sys.path if path.endswith("site-packages")]
    user = pwd.getpwnam("nobody")
    folder = tmp_path_factory.mktemp("user")
    for above in (folder, *folder.parents[:2]):
        above.chmod(above.stat().st_mode | 0o011)
    os.chown(folder, user.pw_uid, user.pw_gid)
    program = (
        "import os, sys; from pathlib import Path; from arrears.adapters.postgres import embedded;"
        "s = embedded.start(Path(sys.argv[1])); print(s.data_directory.stat().st_uid == os.geteuid());"
        "print(embedded.stop(Path(sys.argv[1])))"
    )
    try:
        ended = subprocess.run(  # noqa: S603 - our own words
            [interpreter, "-c", program, folder / "home"],
            user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/", check=False,
            env={"PYTHONPATH": ":".join([str(SOURCES), *packages])},
            capture_output=True, text=True,
        )  # fmt: skip
    except PermissionError:
        pytest.skip("no interpreter that an ordinary user may run")
    if "ModuleNotFoundError" in ended.stderr or "Permission denied" in ended.stderr:
        pytest.skip(f"an ordinary user cannot read the packages: {ended.stderr.strip()[-200:]}")
    assert ended.stdout.split() == ["True", "True"], ended.stderr


def test_a_database_that_is_gone_gives_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens where the URL points: `store.unreachable`, with what the driver said."""
    monkeypatch.setenv("ARREARS_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/arrears")
    with pytest.raises(ArrearsError) as caught:
        open_store()
    assert caught.value.code == "store.unreachable"
    assert "refused" in caught.value.got


def test_a_database_that_goes_away_in_the_middle_gives_the_same_error(tmp_path: Path) -> None:
    """The server stops under an open transaction: `store.unreachable`, and nothing was written."""
    from arrears.adapters.postgres.store import PostgresStore  # noqa: PLC0415 - needs the server

    store = PostgresStore(open_embedded(tmp_path))
    with pytest.raises(ArrearsError) as caught, store.unit_of_work() as work:  # noqa: PT012 - the end is the point
        assert work.last_closed() is None
        embedded.stop(tmp_path)
        work.last_closed()
    assert caught.value.code == "store.unreachable"


def test_a_home_that_cannot_be_made_gives_one_clear_error(tmp_path: Path) -> None:
    """A file where the folder should be: `store.cannot_start`, naming the place."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ArrearsError) as caught:
        embedded.start(tmp_path / "file" / "home")
    assert caught.value.code == "store.cannot_start"


def test_another_server_is_used_as_it_is(
    bare_database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By URL: refused while migrations are missing, migrated by the owner's URL, then enough alone."""
    monkeypatch.setenv("ARREARS_DATABASE_URL", bare_database.app_url)
    monkeypatch.delenv("ARREARS_OWNER_DATABASE_URL", raising=False)
    with pytest.raises(ArrearsError) as caught:
        open_store()
    assert caught.value.code == "store.schema_behind"
    monkeypatch.setenv("ARREARS_OWNER_DATABASE_URL", bare_database.owner_url)
    assert open_store() == bare_database.app_url
    monkeypatch.delenv("ARREARS_OWNER_DATABASE_URL")
    assert open_store() == bare_database.app_url
