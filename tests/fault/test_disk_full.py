"""The disk fills up under a close: one clear error, nothing half done; with room again, the same book."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest
from book import IS_FULL, Book, copied, same, wait_for

from arrears.adapters.postgres import embedded
from arrears.adapters.postgres.system_user import own, system_user
from arrears.app.portfolio import chance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KIBIBYTE = 2**10
SEEDS = 10 if IS_FULL else 2
#: What is left of a disk, at most: less than a close writes.
FREE_MAX_KIBIBYTES = 100
#: A file of the server's log, which it makes whole before it writes; each of its pages has a head,
#: which together take so much.
SEGMENT_BYTES = 16 * 2**20
HEADS_KIBIBYTES = 64
LOG_MAX_KIBIBYTES = 300


class Disk:
    """A disk of its own, in memory, whose room a test takes and gives back."""

    def __init__(self, folder: Path, mebibytes: int) -> None:
        self.folder = folder
        self.ballast = folder / "ballast"
        done = subprocess.run(  # noqa: S603 - our own words
            ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder)],  # noqa: S607 - found on any Linux
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            pytest.skip(f"no disk can be filled here: {done.stderr.strip()}")

    def leave(self, free_bytes: int) -> None:
        """Take all room but so many bytes."""
        about = os.statvfs(self.folder)
        taken = about.f_bavail * about.f_frsize - free_bytes
        with self.ballast.open("ab") as stream:
            os.posix_fallocate(stream.fileno(), self.ballast.stat().st_size, max(taken, 1))

    def give_back(self) -> None:
        """Give the room back."""
        self.ballast.unlink(missing_ok=True)

    def remove(self) -> None:
        """Unmount it, whoever still looks at it."""
        subprocess.run(["umount", "-l", str(self.folder)], check=True)  # noqa: S603, S607 - as above


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of its own; a server is let through to it."""
    tmp_path.chmod(0o755)
    made = Disk(tmp_path, 400)
    yield made
    made.remove()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_disk_of_the_tables_is_full(seed, disk, untouched, calm, closing, fault_server) -> None:
    """Tables lie on a disk that fills up, the server's log does not: the close says so, and can be run again."""
    name, processes = f"full_{seed}", 1 + seed % 2
    space = disk.folder / "space"
    space.mkdir()
    own(space, system_user(fault_server.data_directory))
    with psycopg.connect(fault_server.url("postgres", "postgres"), autocommit=True) as superuser:
        superuser.execute(f"create tablespace {name} location '{space}'")
        book = untouched.copy(tablespace=name)
        with psycopg.connect(book.url):  # leaves what the server writes down at the first visit
            disk.leave(chance(name, "free", FREE_MAX_KIBIBYTES) * KIBIBYTE)
        assert closing(book.url, processes).end() == "store.disk_full"
        disk.give_back()
        closing(book.url, processes).succeed()
        same(book.rows(), calm(processes))
        superuser.execute(f"drop database {book.name} with (force)")
        superuser.execute(f"drop tablespace {name}")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_disk_of_the_server_is_full(seed, disk, filled_home, untouched, calm, closing) -> None:
    """The server's log finds no room, so the server goes down with all who use it; with room it comes back.

    Whoever it turned away knows that the disk is full; who was cut off because another met it does not.
    """
    name, processes = f"log {seed}", 1 + seed % 2
    home = copied(filled_home, disk.folder)
    book = replace(untouched, server=embedded.start(home))
    try:
        use_up_log(book, (HEADS_KIBIBYTES + chance(name, "log", LOG_MAX_KIBIBYTES)) * KIBIBYTE)
        disk.leave(chance(name, "free", FREE_MAX_KIBIBYTES) * KIBIBYTE)
        assert closing(book.url, processes).end() in {"store.disk_full", "store.unreachable"}
        disk.give_back()
        embedded.start(home)
        wait_for(book.server)
        closing(book.url, processes).succeed()
        same(book.rows(), calm(processes))
    finally:
        embedded.stop(home, in_haste=True)


def use_up_log(book: Book, left_bytes: int) -> None:
    """Let the server keep no spare segment of its log, and leave about so much of the one it writes."""
    with psycopg.connect(book.server.url("postgres", "postgres"), autocommit=True) as superuser:
        for statement in (
            "alter system set wal_recycle = off",
            "alter system set min_wal_size = '32MB'",
            "select pg_reload_conf()",
            "select pg_switch_wal()",
            "checkpoint",
        ):
            superuser.execute(statement)
        superuser.execute(
            "select pg_logical_emit_message(false, '', repeat('x', %s - file_offset), true)"
            " from pg_walfile_name_offset(pg_current_wal_insert_lsn())",
            [SEGMENT_BYTES - left_bytes],
        )
