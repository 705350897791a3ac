"""Commands of the product, each in a process of its own that a test may kill.

The processes are forked from one that has imported the product and compiled the fold once, so that
killing one costs no start. What a process does is what its command line would do.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum, unique
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from arrears.kernel.errors import ArrearsError, InvariantError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from multiprocessing.context import ForkServerProcess

    from arrears.app.refolding import Frame

RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE_SECONDS = 120
#: Accounts whose payments are one transaction: a small file is several.
PAID_AT_ONCE = 20


def clock() -> datetime:
    """The clock of these tests stands still: books are compared to the letter."""
    return RECORDED


@cache
def frame() -> Frame:
    """Policy, posting rules and the compiled fold; made once, before processes are forked."""
    from arrears import bootstrap  # noqa: PLC0415 - the tests' own process needs it later

    return bootstrap.frame()


def close(
    url: str, to: date, accounts_a_range: int, processes: int, stuck_after_seconds: int = 600
) -> None:
    """Close business up to a day; 1: by this process alone."""
    from arrears.adapters.engines import local_engine  # noqa: PLC0415 - as above
    from arrears.adapters.postgres.store import PostgresStore  # noqa: PLC0415 - as above
    from arrears.app.closing import close_to  # noqa: PLC0415 - as above

    store = PostgresStore(url)
    with local_engine(store, frame(), processes, clock=clock) as engine:
        close_to(
            store,
            to,
            frame(),
            clock=clock,
            engine=engine,
            stuck_after_seconds=stuck_after_seconds,
            accounts_a_range=accounts_a_range,
        )


def retry(url: str) -> None:
    """Try all parked accounts again."""
    from arrears.adapters.postgres.store import PostgresStore  # noqa: PLC0415 - as above
    from arrears.app.parking import retry_parked  # noqa: PLC0415 - as above

    retry_parked(PostgresStore(url), None, frame(), clock=clock)


def pay(url: str, file: Path) -> None:
    """Post a file of payments, a few accounts in a transaction."""
    from arrears import bootstrap  # noqa: PLC0415 - as above
    from arrears.adapters.postgres.store import PostgresStore  # noqa: PLC0415 - as above
    from arrears.app import paying_many  # noqa: PLC0415 - as above

    paying_many.ACCOUNTS_AT_ONCE = PAID_AT_ONCE
    lines = bootstrap.payment_lines(file)
    paying_many.pay_many(PostgresStore(url), lines, recorded_at=clock(), frame=frame())


def export(url: str, folder: Path) -> None:
    """Export what changed to a folder."""
    from arrears import bootstrap  # noqa: PLC0415 - as above
    from arrears.adapters.postgres.store import PostgresStore  # noqa: PLC0415 - as above
    from arrears.app.exporting import export_book  # noqa: PLC0415 - as above

    book, written = bootstrap.book_source(PostgresStore(url)), bootstrap.export_folder(folder)
    export_book(book, written, bootstrap.layout(), clock)


def _live(told: Path, act: Callable[..., None], arguments: tuple[object, ...]) -> None:
    """The life of a process: a group of its own, its words in a file; 0 done, 1 with an error."""
    os.setsid()
    with told.open("w", encoding="utf-8") as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
        try:
            act(*arguments)
        except (ArrearsError, InvariantError) as error:
            traceback.print_exc()
            sys.stderr.write(f"\n{error.code if isinstance(error, ArrearsError) else error.rule}\n")
            sys.exit(1)


class Actor:
    """A process that acts on a book."""

    def __init__(self, told: Path, act: Callable[..., None], *arguments: object) -> None:
        self.told = told
        context = multiprocessing.get_context("forkserver")
        self.process: ForkServerProcess = context.Process(target=_live, args=(told, act, arguments))
        self.process.start()

    @property
    def pid(self) -> int:
        """Its number, and that of its group."""
        return self.process.pid or 0

    def end(self) -> str:
        """Wait for its end: "done", "killed", or the code of the error it ended with."""
        self.process.join(PATIENCE_SECONDS)
        code = self.process.exitcode
        assert code is not None, f"it goes on after {PATIENCE_SECONDS} seconds: {self.words()}"
        if code == 0:
            return "done"
        return "killed" if code == -signal.SIGKILL else self.words().split()[-1]

    def succeed(self) -> None:
        """Wait for its end.

        Raises:
            AssertionError: it was killed or ended with an error; with what it said.
        """
        told = self.end()
        assert told == "done", f"{told}: {self.words()}"

    def words(self) -> str:
        """What it said."""
        return self.told.read_text(encoding="utf-8") if self.told.exists() else ""


@unique
class Victim(Enum):
    """Who is killed of the processes that close a book together."""

    ASKER = "asker"  #: the one that just spoke with the database, alone
    PARENT = "parent"  #: the one that forked the others, alone
    ALL = "all"  #: the whole group


def kill(running: Actor, asker: int, victim: Victim = Victim.ALL) -> None:
    """SIGKILL to a victim; whoever is gone already is passed over.

    Args:
        running: What was started.
        asker: The process that just spoke with the database.
        victim: Which of them.
    """
    assert asker, "nobody knows who asked"
    with suppress(ProcessLookupError):
        match victim:
            case Victim.ASKER:
                os.kill(asker, signal.SIGKILL)
            case Victim.PARENT:
                os.kill(running.pid, signal.SIGKILL)
            case Victim.ALL:
                os.killpg(running.pid, signal.SIGKILL)


def prepare() -> None:
    """Have processes forked from one that has everything ready: `warm` is imported there first."""
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(Path(__file__).parent), *sys.path, os.environ.get("PYTHONPATH", "")]
    )
    multiprocessing.get_context("forkserver").set_forkserver_preload(["warm"])
