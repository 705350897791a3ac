"""Who values the ranges of an export: processes forked after the fold was compiled, or this one."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pyarrow as pa

from arrears.adapters.basis import program_digest
from arrears.adapters.compiler import compile_kernel
from arrears.adapters.engines import cores
from arrears.adapters.value_ranges import EMPTY, accounts_of, value_range
from arrears.kernel.errors import ArrearsError
from arrears.servicing.fold_book import fold_book
from arrears.servicing.state import ALL_KNOWN
from arrears.servicing.valuing import value_book

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from arrears.app.valuing import RangeValued, ValueTask

FORK = get_context("fork")
#: Accounts up to which the interpreted fold is done sooner than a compiled one is loaded.
INTERPRETED_MAX = 2_000
#: What forked processes do: compiled code cannot be sent to them, so they find it here.
FORKED: list[Callable[[ValueTask], RangeValued]] = []


class LocalValueEngine:
    """Values ranges on this machine, one a process; see `app.valuing.ValueEngine`.

    Args:
        processes: How many; 1: this one alone; 0: as many as cores are given to us, and this one
            alone with the fold interpreted where the book is so small that compiling takes longer.
    """

    def __init__(self, processes: int = 0) -> None:
        self.processes = processes

    def value_ranges(self, tasks: Sequence[ValueTask]) -> Iterator[RangeValued]:
        """The ranges, as they end.

        Raises:
            ArrearsError: of the first range that failed; `engine.process_ended`.
        """
        accounts = sum(file.rows for task in tasks for file in task.files)
        if self.processes == 0 and accounts <= INTERPRETED_MAX:
            yield from map(partial(value_range, fold_book=fold_book), tasks)
            return
        value, processes = value_compiled(), self.processes or cores()
        if processes == 1:
            yield from map(value, tasks)
            return
        FORKED.append(value)
        with ProcessPoolExecutor(processes, mp_context=FORK) as pool:
            try:
                for done in as_completed([pool.submit(value_forked, task) for task in tasks]):
                    yield done.result()
            except BrokenProcessPool as error:
                raise ArrearsError(
                    "engine.process_ended",
                    where="arrears value",
                    expected="an answer from each process",
                    got="one that was ended",
                ) from error
            finally:
                pool.shutdown(cancel_futures=True)
                FORKED.clear()


def value_forked(task: ValueTask) -> RangeValued:
    """Value a range in a forked process, with what stood here when it was forked."""
    return FORKED[-1](task)


class SparkValueEngine:
    """Values ranges in the executors of Spark; see `app.valuing.ValueEngine`."""

    def value_ranges(self, tasks: Sequence[ValueTask]) -> Iterator[RangeValued]:
        """The ranges, when all are done.

        Raises:
            ArrearsError: of the first range that failed; `engine.not_installed`, `engine.no_java`.
        """
        from arrears.adapters.spark import run_tasks  # noqa: PLC0415 - an extra

        yield from run_tasks(tasks, ValueElsewhere(program_digest()))


@dataclass(frozen=True, slots=True)
class ValueElsewhere:
    """What an executor does first: see that its program is the driver's, and compile the fold."""

    program: str  #: digest of the driver's

    def __call__(self) -> Callable[[ValueTask], RangeValued]:
        """What values a range there.

        Raises:
            ArrearsError: `engine.other_program`.
        """
        from arrears.adapters.spark import refuse_other_program  # noqa: PLC0415 - an extra

        refuse_other_program(program_digest(), self.program)
        return value_compiled()


@cache
def value_compiled() -> Callable[[ValueTask], RangeValued]:
    """What values a range by the compiled fold, which has folded an empty account: so it is compiled.

    The first time ever on a machine that takes half a minute.
    """
    compiled = compile_kernel().fold_book
    columns = {name: pa.array([None], pa.binary()) for name in EMPTY}
    facts = {name: pa.array([""]) for name in ("account_id", "product", "currency")}
    batch = pa.RecordBatch.from_pydict({"slot": pa.array([0], pa.int16()), **facts, **columns})
    for accounts in accounts_of([batch]):
        value_book(accounts.book, 0, ALL_KNOWN, fold_book=compiled)
    return partial(value_range, fold_book=compiled)
