"""Measures closes of a mature book: an ordinary day, the busiest due day and a period end, each against its floor."""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import books
import floor

from arrears import bootstrap
from arrears.adapters.engines import cores
from arrears.adapters.postgres.store import PostgresStore
from arrears.app.closing import close_to
from arrears.app.mature_book import BUSY_DUE_DAY, CLOSED_ON
from arrears.app.running import is_period_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arrears.app.engines import Engine
    from arrears.app.refolding import Frame

LOANS = 100_000
BUILD_SECONDS_MAX_A_MILLION = 300
RATIO_MAX = 2.0
BYTES_MAX = 1_200
MEMORY_MAX_MIB = 2_048
UNTOUCHED_MAX, TOUCHED_MAX = 1.10, 2.1
ORDINARY_DAYS = 3
#: A month is closed so often, from the same book; a large one once, for want of room.
ROUNDS = 3
#: What a close adds to, for the bar on bytes.
ADDED_TO = ("journal", "transition", "outbox")
ORDINARY, BUSY, PERIOD_END = "an ordinary day", "the busiest due day", "the period end"


@dataclass(frozen=True)
class Day:
    """One day closed, and the same rows written by plain SQL."""

    day: date
    accounts: int
    close_seconds: float
    floor_seconds: float
    rows: dict[str, int]
    close_bytes: int
    floor_bytes: int
    own_processor: float  #: seconds of this process and those it forked, while it closed
    server_processor: float  #: seconds of the server's processes, meanwhile
    floor_processor: float  #: seconds of all of them, for the floor
    phases: dict[str, int]  #: milliseconds by phase, all processes together

    @property
    def ratio(self) -> float:
        """The close against its floor."""
        return self.close_seconds / self.floor_seconds

    @property
    def kind(self) -> str:
        """What sort of day it is."""
        if is_period_end(self.day):
            return PERIOD_END
        return BUSY if self.day.day == BUSY_DUE_DAY else ORDINARY


@dataclass
class Closer:
    """Closes a book day by day with all cores, and lets plain SQL follow in a copy of it."""

    server: books.Server
    frame: Frame
    book: books.Database
    engine: Engine | None
    store: PostgresStore

    def close(self, day: date) -> tuple[float, int]:
        """Close a day: seconds, and accounts that were folded."""
        began = time.perf_counter()
        done = close_to(self.store, day, self.frame, clock=bootstrap.now, engine=self.engine)
        seconds = time.perf_counter() - began
        return seconds, sum(counts.accounts for _, counts in done.days)

    def measure(self, day: date, behind: books.Database, folder: Path) -> Day:
        """Close a day, then write the same rows by plain SQL in a copy that is a day behind."""
        place, held = floor.place_of(self.book), size_of(self.book)
        before = books.own_seconds(), self.server.seconds()
        seconds, accounts = self.close(day)
        own = books.own_seconds() - before[0]
        servers = self.server.seconds() - before[1]
        every_open = is_period_end(day)
        shares = floor.shares_of(day, self.frame.basis, cores(), every_open=every_open)
        rows = floor.captured(self.book, place, day, folder, shares)
        held_behind = size_of(behind)
        spent = books.own_seconds() + self.server.seconds()
        floor_seconds = floor.floor_seconds(behind, shares)
        floor_processor = books.own_seconds() + self.server.seconds() - spent
        return Day(
            day=day,
            accounts=accounts,
            close_seconds=seconds,
            floor_seconds=floor_seconds,
            rows=rows,
            close_bytes=size_of(self.book) - held,
            floor_bytes=size_of(behind) - held_behind,
            own_processor=own,
            server_processor=servers,
            floor_processor=floor_processor,
            phases=phases_of(self.book, day),
        )


def size_of(book: books.Database) -> int:
    """Bytes of what a close adds to, indexes among them."""
    asked = " + ".join(f"pg_total_relation_size('{name}')" for name in ADDED_TO)
    [(size,)] = book.ask(f"select {asked}")
    return int(size)


def phases_of(book: books.Database, day: date) -> dict[str, int]:
    """Where the time of a day's close went, as the run itself tells it."""
    asked = "select milliseconds from run_progress where business_on = %s"
    [(milliseconds,)] = book.ask(asked, day)
    return dict(milliseconds)


@contextmanager
def closer(server: books.Server, book: books.Database) -> Iterator[Closer]:
    """A closer for a block: the fold is compiled and processes are forked before it begins."""
    frame = bootstrap.frame()
    with (
        closing(PostgresStore(book.app_url)) as store,
        bootstrap.engine(store, frame, processes=cores()) as engine,
    ):
        yield Closer(server, frame, book, engine, store)


def month_of(server: books.Server, built: books.Database) -> tuple[list[Day], int]:
    """Every day from the second open one to the end of its month, and the memory all of it took.

    The first one is closed in the book and in its copy, so that both are warm, and as far.
    """
    behind = server.copy(built, "bench_behind")
    day = CLOSED_ON + timedelta(days=1)
    with closer(server, behind) as other:
        other.close(day)
    days: list[Day] = []
    with closer(server, built) as each, tempfile.TemporaryDirectory() as folder:
        each.close(day)
        while not days or days[-1].kind != PERIOD_END:
            day += timedelta(days=1)
            days.append(each.measure(day, behind, Path(folder)))
        peak = books.peak_bytes()
    server.drop(behind.name)
    return days, peak


def months_of(server: books.Server, built: books.Database, rounds: int) -> tuple[list[Day], int]:
    """The same month closed again and again, each time from a copy of the book; the last time itself."""
    days: list[Day] = []
    peak = 0
    for left in reversed(range(rounds)):
        book = server.copy(built, "bench_round") if left else built
        found, held = month_of(server, book)
        days, peak = days + found, max(peak, held)
        if left:
            server.drop(book.name)
    return days, peak


@dataclass(frozen=True)
class Grown:
    """Three ordinary days of one book: seconds, and accounts that were folded."""

    seconds: float
    accounts: int

    @property
    def each(self) -> float:
        """Seconds an account."""
        return self.seconds / self.accounts


def growth(server: books.Server, built: books.Database, loans: int) -> list[dict[str, object]]:
    """Twice the accounts: once with only half of them ever touched, once with all.

    The three books are closed in turn, round after round, each from a fresh copy; a ratio is that
    of one round, and the middle one counts: three days of a book of this size take two seconds,
    less than a checkpoint may cost.
    """
    double, _ = books.build(server, "bench_double", 2 * loans)
    resting = server.copy(double, "bench_resting")
    resting.ask(
        "update account_state set next_action_on = null"
        " where substring(account_id from 3)::integer > %s",
        loans,
    )
    resting.ask("vacuum full analyze account_state")
    rounds = [
        tuple(days_closed(server, each) for each in (built, resting, double)) for _ in range(ROUNDS)
    ]
    for each in (double, resting):
        server.drop(each.name)
    untouched = sorted(half.each / one.each for one, half, _ in rounds)[ROUNDS // 2]
    touched = sorted(2 * whole.each / one.each for one, _, whole in rounds)[ROUNDS // 2]
    told = "; ".join(
        f"{one.seconds:.2f} s for {one.accounts} of {loans}, {half.seconds:.2f} s for"
        f" {half.accounts} of {2 * loans}, {whole.seconds:.2f} s for {whole.accounts} of {2 * loans}"
        for one, half, whole in rounds
    )
    told += f"; three ordinary days together, median of {ROUNDS} rounds"
    return [
        {
            "name": "a daily close with twice the untouched accounts",
            "value": round(untouched, 2),
            "bar": f"<= {UNTOUCHED_MAX} x the time an account touched",
            "holds": untouched <= UNTOUCHED_MAX,
            "detail": told,
        },
        {
            "name": "a daily close with twice the touched accounts",
            "value": round(touched, 2),
            "bar": f"<= {TOUCHED_MAX} x the time",
            "holds": touched <= TOUCHED_MAX,
            "detail": told,
        },
    ]


def days_closed(server: books.Server, book: books.Database) -> Grown:
    """Three ordinary days of a copy of a book, after a first one that warms it; the busy day apart."""
    copy = server.copy(book, "bench_round")
    with closer(server, copy) as each:
        each.close(CLOSED_ON + timedelta(days=1))
        copy.ask("checkpoint")
        seconds, accounts = 0.0, 0
        day = CLOSED_ON + timedelta(days=1)
        for _ in range(ORDINARY_DAYS + 1):
            day += timedelta(days=1)
            taken, folded = each.close(day)
            if day.day != BUSY_DUE_DAY:
                seconds, accounts = seconds + taken, accounts + folded
    server.drop(copy.name)
    return Grown(seconds, accounts)


def rows_of_kind(kind: str, days: list[Day], loans: int) -> list[dict[str, object]]:
    """The rows of the table for one kind of day."""
    ratios = sorted(each.ratio for each in days)
    middle = days[[each.ratio for each in days].index(statistics.median_low(ratios))]
    many = middle.rows
    a_touched = {
        "close": middle.close_bytes / middle.accounts,
        "floor": middle.floor_bytes / middle.accounts,
    }
    spent = ", ".join(f"{name} {took / 1000:.2f} s" for name, took in middle.phases.items())
    written = ", ".join(
        f"{many.get(name, 0) / middle.accounts:.2f} {name}" for name in (*ADDED_TO, "event")
    )
    return [
        {
            "name": f"close of {kind}, {loans:,} accounts",
            "value": round(middle.ratio, 2),
            "bar": f"<= {RATIO_MAX} x floor",
            "holds": middle.ratio <= RATIO_MAX,
            "detail": f"{middle.close_seconds:.2f} s, floor {middle.floor_seconds:.2f} s;"
            f" of {cores()} processes: {spent};"
            f" {middle.accounts:,} folded, {middle.accounts / middle.close_seconds:,.0f} a second;"
            f" processor seconds: ours {middle.own_processor:.1f},"
            f" the server's {middle.server_processor:.1f}, the floor's"
            f" {middle.floor_processor:.1f}; median of {len(days)}, {middle.day}",
        },
        {
            "name": f"bytes an account touched, {kind}",
            "value": round(a_touched["close"]),
            "bar": f"<= {BYTES_MAX} of journal, transitions, outbox",
            "holds": a_touched["close"] <= BYTES_MAX,
            "detail": f"floor {a_touched['floor']:.0f}; rows an account: {written}",
        },
    ]


def measure(loans: int = LOANS) -> list[dict[str, object]]:
    """The rows of the bench table that concern the close.

    Args:
        loans: Accounts of the book.
    """
    with books.server() as server:
        built, seconds = books.build(server, "bench_built", loans)
        allowed = BUILD_SECONDS_MAX_A_MILLION * max(1.0, loans / 1_000_000)
        table: list[dict[str, object]] = [
            {
                "name": f"arrears bench book, {loans:,} accounts",
                "value": round(seconds),
                "bar": f"<= {allowed:.0f} s",
                "holds": seconds <= allowed,
                "detail": f"{loans / seconds:,.0f} accounts a second",
            }
        ]
        if loans <= LOANS:
            table += growth(server, built, loans)
        days, peak = months_of(server, built, ROUNDS if loans <= LOANS else 1)
        for kind in (ORDINARY, BUSY, PERIOD_END):
            table += rows_of_kind(kind, [each for each in days if each.kind == kind], loans)
        table.append(
            {
                "name": f"memory of a close, {loans:,} accounts",
                "value": f"{peak / 2**20:.0f}",
                "bar": f"<= {MEMORY_MAX_MIB} MiB, all processes",
                "holds": peak / 2**20 <= MEMORY_MAX_MIB,
                "detail": "the peaks of this process and of those it forked, added up",
            }
        )
    return table
