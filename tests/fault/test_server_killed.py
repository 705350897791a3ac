"""PostgreSQL itself is killed under a close: started and run again, it makes the same book."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import os
import signal
from contextlib import suppress

import psutil
import psycopg
import pytest
from book import IS_FULL, Book, same, wait_for
from wire import Side

from arrears.adapters.postgres import embedded
from arrears.adapters.postgres.server_process import processes_of, read_pid_file
from arrears.app.portfolio import chance

SIDES = list(Side)
SEEDS = 30 if IS_FULL else 3


def backend_of(data) -> int:
    """A process of the server that serves the application."""
    for pid in processes_of(data):
        with suppress(psutil.Error):
            if "arrears_app" in " ".join(psutil.Process(pid).cmdline()):
                return pid
    raise AssertionError("nobody is served")


def kill_server(data, which: int) -> None:
    """SIGKILL to the postmaster alone, to it and all its children, or to one child that serves us."""
    written = read_pid_file(data)
    assert written
    match which:
        case 0:
            pids = [written.pid]
        case 1:
            pids = processes_of(data)
        case _:
            pids = [backend_of(data)]
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def durable(book: Book) -> Book:
    """The book after a checkpoint: numbers drawn from its sequences are then written to the log again.

    A sequence writes to the log once for 32 numbers. A database made from a template inherits what
    the template had in hand, in no log of its own, and after a crash would draw it twice.
    """
    with psycopg.connect(book.superuser_url, autocommit=True) as superuser:
        superuser.execute("checkpoint")
    return book


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_server_is_killed(
    seed, untouched, calm, closing, fault_server, fault_wire, passed
) -> None:
    """At a request that the seed names; what was committed is there after the restart, the rest is not."""
    name, book = f"server {seed}", durable(untouched.copy())
    processes = 1 + seed % 2
    here = (
        1 + chance(name, "request", passed(processes)[0]),
        SIDES[chance(name, "side", len(SIDES))],
    )
    killed = []

    def at(moment) -> None:
        if (moment.number, moment.side) == here and not killed:
            killed.append(moment)
            kill_server(fault_server.data_directory, seed % 3)

    fault_wire.watch(at)
    told = closing(fault_wire.url("arrears_app", book.name), processes).end()
    fault_wire.watch(None)
    assert told in ({"store.unreachable"} if killed else {"done"})
    embedded.start(fault_server.data_directory.parent)
    wait_for(fault_server)
    closing(book.url, processes).succeed()
    same(book.rows(), calm(processes))
    book.remove()
