"""Making a mature book: parts are made in processes of their own and written as they come."""

from __future__ import annotations

import os
import sys
from ctypes import CDLL
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from arrears.adapters.compiler import compile_kernel
from arrears.adapters.engines import cores
from arrears.adapters.forking import FORK, die_with
from arrears.adapters.postgres.mature_loading import loading
from arrears.adapters.postgres.mature_rows import TABLES, Writing, rows_of
from arrears.app.mature_book import CLOSED_ON, draw, parts_of
from arrears.app.mature_contracts import Signatures, plans_of, solve_plans
from arrears.app.mature_lines import lines_of
from arrears.app.mature_loans import loans_of
from arrears.kernel.errors import ArrearsError
from arrears.servicing.book import book_of, fold_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from multiprocessing.connection import Connection

    from arrears.app.mature_book import Drawn
    from arrears.app.mature_contracts import Plan, Schedule
    from arrears.app.refolding import Frame
    from arrears.policy.registry import PolicyRegistry

#: Of glibc's malloc.h.
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
NEVER_TRIM_BYTES = 2**31 - 1

Task = TypeVar("Task")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatureBook:
    """What was made."""

    accounts: int
    lines: int
    closed_on: date
    rows: dict[str, int]  #: bytes by table


def make_mature_book(
    owner_url: str,
    frame: Frame,
    registry: PolicyRegistry,
    *,
    accounts: int,
    seed: int,
    on_part: Callable[[int, int], None] | None = None,
) -> MatureBook:
    """Build a book of three years in an empty database, in one transaction.

    Args:
        owner_url: The owner's role: only the owner may drop indexes and make them again.
        frame: Policy and posting rules.
        registry: What contracts are signed by.
        accounts: Loans and lines together.
        seed: The same number makes the same book, whatever the number of cores.
        on_part: Told how many parts are written, of how many.

    Raises:
        ArrearsError: `book.not_empty`, `store.*`.
    """
    fold_book = compile_kernel().fold_book
    fold_all(book_of([]), 0, 0, posting=1, fold_book=fold_book)
    drawn = draw(accounts, seed)
    signatures = Signatures(registry)
    learn(drawn, signatures)
    schedules = solved(plans_of(drawn), signatures)
    parts = parts_of(drawn)
    rows = dict.fromkeys(TABLES, 0)
    with loading(owner_url) as load:
        writing = Writing(
            frame=frame,
            policy=load.work.policy_number(frame.snapshot.digest),
            signatures=signatures,
            schedules=schedules,
            fold_book=fold_book,
        )
        for at, made in enumerate(
            in_processes(parts, lambda part: part_rows(drawn.part(part), writing)), start=1
        ):
            for told in made:
                load.write(told)
                for table in TABLES:
                    rows[table] += len(told[table])
            if on_part is not None:
                on_part(at, len(parts))
        load.finish(accounts, signatures.snapshots(), frame.basis)
    return MatureBook(
        accounts=accounts, lines=int(drawn.is_line.sum()), closed_on=CLOSED_ON, rows=rows
    )


def learn(drawn: Drawn, signatures: Signatures) -> None:
    """Sign every form there is under every policy there was, before processes share it."""
    columns = (drawn.is_line, drawn.offer, drawn.is_daily, drawn.is_busy, drawn.opened_on)
    told = np.stack(columns, axis=1).astype(np.int64)
    for is_line, offer, is_daily, is_busy, opened_on in np.unique(told, axis=0).tolist():
        signatures.of((bool(is_line), offer, bool(is_daily), bool(is_busy)), opened_on)


def solved(plans: Sequence[Plan], signatures: Signatures) -> dict[Plan, Schedule]:
    """All schedules, solved on all cores."""
    schedules: dict[Plan, Schedule] = {}
    shares = [plans[at :: cores()] for at in range(cores())]
    for each in in_processes(shares, lambda share: solve_plans(share, signatures)):
        schedules |= each
    return schedules


def part_rows(drawn: Drawn, writing: Writing) -> list[dict[str, bytes]]:
    """The rows of a part of the book: its loans, then its lines."""
    loans, lines = drawn.part(~drawn.is_line), drawn.part(drawn.is_line)
    made = []
    if len(loans):
        lived = loans_of(loans, writing.schedules, writing.signatures, writing.fold_book)
        made.append(rows_of(lived, writing))
    if len(lines):
        made.append(rows_of(lines_of(lines, writing.signatures, writing.fold_book), writing))
    return made


def in_processes(tasks: Sequence[Task], make: Callable[[Task], Made]) -> Iterator[Made]:
    """What is made of each task, in order, by as many forked processes as there are cores.

    A process makes every so many-th task, and waits with what it made until it is asked for: so
    no more is held than one thing made a process. One task, or one core, needs no other process.

    Raises:
        ArrearsError: `engine.process_ended`.
    """
    processes = min(cores(), len(tasks))
    if processes <= 1:
        yield from (make(task) for task in tasks)
        return
    pipes: list[Connection] = []
    children = []
    for at in range(processes):
        ours, theirs = FORK.Pipe(duplex=False)
        child = FORK.Process(
            target=serve, args=(tasks[at::processes], make, theirs, os.getpid()), daemon=True
        )
        child.start()
        theirs.close()
        pipes.append(ours)
        children.append(child)
    try:
        for at in range(len(tasks)):
            try:
                yield pipes[at % processes].recv()
            except EOFError:
                raise ArrearsError(
                    "engine.process_ended",
                    where="the making of a book",
                    expected="an answer from the process that makes a part of it",
                    got="one that has ended",
                ) from None
    finally:
        for child, pipe in zip(children, pipes, strict=True):
            pipe.close()
            child.kill()
            child.join()


def serve(
    tasks: Sequence[Task], make: Callable[[Task], Made], pipe: Connection, parent: int
) -> None:
    """Make one thing after another and hand each over; in the child."""
    die_with(parent)
    keep_memory()
    for task in tasks:
        pipe.send(make(task))


def keep_memory() -> None:
    """Let this process keep what it frees: large arrays come and go, and fresh pages cost a quarter more."""
    if sys.platform == "linux" and hasattr(CDLL(None), "mallopt"):
        CDLL(None).mallopt(M_MMAP_MAX, 0)
        CDLL(None).mallopt(M_TRIM_THRESHOLD, NEVER_TRIM_BYTES)
