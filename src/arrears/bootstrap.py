"""Bootstrap: the one place where what the house needs meets what does it; factories, no logic.

Imports stand inside the functions, so that a command loads only what it asks for.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from arrears.adapters.mature_making import MatureBook
    from arrears.adapters.parquet import ParquetFolder
    from arrears.adapters.postgres.export_source import PostgresBookSource
    from arrears.adapters.postgres.seal_store import PostgresSeals
    from arrears.adapters.postgres.store import PostgresStore
    from arrears.adapters.root_file import AppendedRootFile
    from arrears.adapters.value_ranges import ValuedFolder
    from arrears.app.engines import Engine
    from arrears.app.payment_lines import Line
    from arrears.app.refolding import Frame
    from arrears.app.valuing import ValueEngine
    from arrears.app.watching import Watcher
    from arrears.kernel.calendar import HolidayCalendar
    from arrears.ledger.chart import Chart
    from arrears.policy.registry import PolicyRegistry
    from arrears.policy.snapshot import PolicySnapshot


def policy_registry(
    parameter_ids: Iterable[str] | None = None, *, lender_directory: Path | None = None
) -> PolicyRegistry:
    """The policy pack with a lender's own files in front of it; only the ids asked for, or all.

    Raises:
        ArrearsError: `policy.*`, `date.malformed`, each naming the file.
    """
    from arrears.adapters.policy_files import load_registry  # noqa: PLC0415 - start-up

    return load_registry(parameter_ids, lender_directory)


def casework_policy() -> PolicySnapshot:
    """What casework asks of policy: the pack's limitation, and what the lender sets for recovery."""
    from arrears.policy.snapshot import take_snapshot  # noqa: PLC0415 - start-up
    from arrears.recovery.limitation import limitation_ids  # noqa: PLC0415 - start-up

    names = limitation_ids("cn").values()
    return take_snapshot(policy_registry(names, lender_directory=lender_directory()))


def open_store(home: Path | None = None) -> PostgresStore:
    """The books: embedded PostgreSQL, or the server `ARREARS_DATABASE_URL` names.

    Raises:
        ArrearsError: `store.*`.
    """
    from arrears.adapters.postgres.connection import open_store as opened  # noqa: PLC0415 - start-up
    from arrears.adapters.postgres.store import PostgresStore  # noqa: PLC0415 - start-up

    return PostgresStore(opened(home))


def frame(*, compiled: bool = True) -> Frame:
    """What bookings and refolds share: the whole policy timeline, posting rules, the fold.

    Args:
        compiled: Whether the fold is compiled; the first time that takes half a minute.
    """
    from arrears.adapters.basis import basis_of, layout_digest  # noqa: PLC0415 - start-up
    from arrears.adapters.ledger_files import load_posting_rules  # noqa: PLC0415 - start-up
    from arrears.app.owing import AGEING_IDS  # noqa: PLC0415 - start-up
    from arrears.app.refolding import Frame  # noqa: PLC0415 - start-up
    from arrears.policy.snapshot import take_snapshot  # noqa: PLC0415 - start-up

    snapshot = take_snapshot(policy_registry(AGEING_IDS, lender_directory=lender_directory()))
    fold, fold_book = None, None
    if compiled:
        from arrears.adapters.compiler import compile_kernel  # noqa: PLC0415 - start-up

        kernel = compile_kernel()
        fold, fold_book = kernel.fold_account, kernel.fold_book
    return Frame(
        snapshot=snapshot,
        rules=load_posting_rules(),
        basis=basis_of(snapshot),
        fold=fold,
        fold_book=fold_book,
        layout=layout_digest(),
        registry=signing_registry,
    )


def engine(
    store: PostgresStore, of: Frame, *, name: str = "local", processes: int = 0
) -> AbstractContextManager[Engine]:
    """Who closes the ranges of a day, by name; 0 processes of this machine: as many as is sensible.

    Raises:
        ArrearsError: `engine.*`.
    """
    if known_engine(name) == "spark":
        from contextlib import nullcontext  # noqa: PLC0415 - rare

        from arrears.adapters.spark_closing import SparkEngine  # noqa: PLC0415 - an extra

        return nullcontext(SparkEngine(store, of.basis, frame))
    from arrears.adapters.engines import local_engine  # noqa: PLC0415 - start-up

    return local_engine(store, of, processes)


def known_engine(name: str) -> str:
    """The name of an engine there is.

    Raises:
        ArrearsError: `engine.unknown`.
    """
    from arrears.kernel.errors import ArrearsError  # noqa: PLC0415 - start-up

    if name not in {"local", "spark"}:
        raise ArrearsError("engine.unknown", where="--engine", expected="local or spark", got=name)
    return name


@contextmanager
def watchers() -> Iterator[list[Watcher]]:
    """Who is told how a close goes: traces and metrics where a collector is named, a log where asked.

    Begun after processes were forked, for exporters have threads.
    """
    from arrears.adapters.telemetry import telemetry  # noqa: PLC0415 - start-up

    with ExitStack() as stack:
        told: list[Watcher] = [stack.enter_context(telemetry(os.environ))]
        where = os.environ.get("ARREARS_LOG")
        if where:
            from arrears.adapters.logs import log_to  # noqa: PLC0415 - start-up

            told.append(stack.enter_context(log_to(where)))
        yield told


def lacks_exporters() -> bool:
    """Whether a collector is named and what sends to it is not installed."""
    from arrears.adapters.telemetry import is_configured, is_installed  # noqa: PLC0415 - start-up

    return is_configured(os.environ) and not is_installed()


def lender_directory() -> Path | None:
    """The lender's own policy, where `ARREARS_POLICY_DIRECTORY` names one."""
    from pathlib import Path  # noqa: PLC0415 - start-up

    named = os.environ.get("ARREARS_POLICY_DIRECTORY")
    return Path(named) if named else None


def signing_registry() -> PolicyRegistry:
    """The parameters that contracts are signed under, read once."""
    return _signing_registry(lender_directory())


@cache
def _signing_registry(directory: Path | None) -> PolicyRegistry:
    from arrears.policy.signing import SIGNING_IDS  # noqa: PLC0415 - start-up

    return policy_registry(SIGNING_IDS, lender_directory=directory)


def now() -> datetime:
    """The instant, aware."""
    from arrears.adapters.clock import now as asked  # noqa: PLC0415 - start-up

    return asked()


def stopwatch() -> int:
    """Nanoseconds since some instant of its own."""
    from arrears.adapters.clock import stopwatch as asked  # noqa: PLC0415 - start-up

    return asked()


def chinese_calendar() -> HolidayCalendar:
    """Workdays of mainland China, make-up workdays included."""
    from arrears.adapters.holidays import ChineseCalendar  # noqa: PLC0415 - start-up

    return ChineseCalendar()


def fresh_store(home: Path) -> PostgresStore:
    """An empty book of its own in a folder; whatever stood there before is removed."""
    import shutil  # noqa: PLC0415 - rare

    from arrears.adapters.postgres.embedded import stop  # noqa: PLC0415 - start-up

    stop(home)
    shutil.rmtree(home / "postgresql", ignore_errors=True)
    root_file(home).path.unlink(missing_ok=True)
    return open_embedded(home)


def open_embedded(home: Path) -> PostgresStore:
    """The embedded book of a folder, whatever `ARREARS_DATABASE_URL` says."""
    from arrears.adapters.postgres.connection import open_embedded as opened  # noqa: PLC0415 - start-up
    from arrears.adapters.postgres.store import PostgresStore  # noqa: PLC0415 - start-up

    return PostgresStore(opened(home))


def open_seals(home: Path | None = None) -> PostgresSeals:
    """Books and seals: of the folder given, else where `open_store` finds them.

    Raises:
        ArrearsError: `store.*`.
    """
    from arrears.adapters.postgres import connection  # noqa: PLC0415 - start-up
    from arrears.adapters.postgres.seal_store import PostgresSeals  # noqa: PLC0415 - start-up

    return PostgresSeals(
        connection.open_store() if home is None else connection.open_embedded(home)
    )


def root_file(home: Path | None = None) -> AppendedRootFile:
    """The file of roots, beside the embedded database or where it would be; copy it elsewhere."""
    from arrears.adapters.postgres.embedded import default_home  # noqa: PLC0415 - start-up
    from arrears.adapters.root_file import AppendedRootFile  # noqa: PLC0415 - start-up

    return AppendedRootFile((home or default_home()) / "seal-roots.jsonl")


def roots_in(path: Path) -> Mapping[int, bytes]:
    """Chained roots by batch number, from a file that was kept elsewhere.

    Raises:
        ArrearsError: `audit.roots_malformed`.
    """
    from arrears.adapters.root_file import read_roots  # noqa: PLC0415 - start-up

    return read_roots(path)


def layout() -> str:
    """Digest of what makes columns of documents."""
    from arrears.adapters.basis import layout_digest  # noqa: PLC0415 - start-up

    return layout_digest()


def book_source(store: PostgresStore) -> PostgresBookSource:
    """The book of a store as an export reads it."""
    from arrears.adapters.postgres.export_source import PostgresBookSource  # noqa: PLC0415 - start-up

    return PostgresBookSource(store.url, layout())


def export_folder(path: Path) -> ParquetFolder:
    """A folder of exports."""
    from arrears.adapters.parquet import ParquetFolder  # noqa: PLC0415 - start-up

    return ParquetFolder(path)


def make_mature_book(
    *, accounts: int, seed: int, on_part: Callable[[int, int], None] | None = None
) -> MatureBook:
    """Build a book of three years where `open_store` finds it; see `adapters.mature_making`.

    Raises:
        ArrearsError: `book.not_empty`, `store.*`.
    """
    from arrears.adapters import mature_making  # noqa: PLC0415 - start-up
    from arrears.adapters.postgres.connection import open_as_owner  # noqa: PLC0415 - start-up

    return mature_making.make_mature_book(
        open_as_owner(),
        frame(compiled=False),
        signing_registry(),
        accounts=accounts,
        seed=seed,
        on_part=on_part,
    )


def value_engine(name: str, processes: int = 0) -> ValueEngine:
    """Who values an export, by name; processes are those of the local engine, 0: as is sensible.

    Raises:
        ArrearsError: `engine.unknown`.
    """
    from arrears.adapters.value_engines import (  # noqa: PLC0415 - start-up
        LocalValueEngine,
        SparkValueEngine,
    )

    return SparkValueEngine() if known_engine(name) == "spark" else LocalValueEngine(processes)


def valued_folder(path: Path) -> ValuedFolder:
    """A folder for accounts with their values."""
    from arrears.adapters.value_ranges import ValuedFolder  # noqa: PLC0415 - start-up

    return ValuedFolder(path)


def stop_embedded(home: Path) -> None:
    """Stop the embedded server of a folder."""
    from arrears.adapters.postgres.embedded import stop  # noqa: PLC0415 - start-up

    stop(home)


def chart() -> Chart:
    """The chart of accounts."""
    from arrears.adapters.ledger_files import load_posting_rules  # noqa: PLC0415 - start-up

    return load_posting_rules().chart


def tape_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a tape file as text.

    Raises:
        ArrearsError: `tape.unreadable`.
    """
    from arrears.adapters.tape_files import read_rows  # noqa: PLC0415 - start-up

    return read_rows(path)


def payment_lines(path: Path) -> list[Line]:
    """The lines of a file of payments.

    Raises:
        ArrearsError: `tape.unreadable`, `tape.missing_column`, `tape.unknown_column`.
    """
    from arrears.adapters.payment_files import read_payments  # noqa: PLC0415 - start-up

    return read_payments(path)
