"""Ranges closed in processes forked from this one, after the fold was compiled: one copy of the code.

A process lives as long as the command, opens a connection of its own, and is given one range at a
time, so that none idles while another has two. It ends with the process that forked it: Linux kills
it then, and elsewhere it finds its pipe closed once its range is done.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from ctypes import CDLL
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Self, TypeAlias

from arrears.kernel.errors import ArrearsError, InvariantError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess
    from types import TracebackType

    from arrears.app.running import RangeDone, RangeTask

    CloseOne: TypeAlias = Callable[[RangeTask], RangeDone]

FORK = get_context("fork")
PR_SET_PDEATHSIG = 1
#: How long a process that was told to end may take before it is ended.
ENDING_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Worker:
    """A forked process, and the pipe that ranges and answers go through."""

    process: ForkProcess
    pipe: Connection

    def answer(self, task: RangeTask) -> RangeDone:
        """What became of the range it was given.

        Raises:
            ArrearsError: what the range raised; `engine.process_ended`.
            InvariantError: what the range raised.
        """
        try:
            done: RangeDone | ArrearsError | InvariantError = self.pipe.recv()
        except (EOFError, ConnectionResetError):
            self.process.join(ENDING_SECONDS)
            code = self.process.exitcode or 0
            raise ArrearsError(
                "engine.process_ended",
                where=f"the close of {task.business_on}, slots {task.slots.start} to {task.slots.stop - 1}",
                expected="an answer from the process that closes them",
                got=f"one that was ended by {signal.Signals(-code).name}"
                if code < 0
                else f"one that ended with exit code {code}",
            ) from None
        if isinstance(done, ArrearsError | InvariantError):
            raise done
        return done


class ForkingEngine:
    """Closes ranges in forked processes; they begin with its block and end with it.

    Args:
        processes: How many, > 0.
        prepare: Called once in each process; returns what closes one range there. Whatever must not
            be shared with the process that forks, such as a connection, is opened in it.
    """

    name = "local"

    def __init__(self, processes: int, prepare: Callable[[], CloseOne]) -> None:
        self.processes = processes
        self.prepare = prepare
        self.workers: list[Worker] = []

    def __enter__(self) -> Self:
        """Fork the processes."""
        gc.collect()
        gc.freeze()  # what exists now is shared; nobody walks over it and copies its pages
        for _ in range(self.processes):
            ours, theirs = FORK.Pipe()
            others = [worker.pipe for worker in self.workers]
            process = FORK.Process(
                target=serve,
                args=(self.prepare, theirs, [*others, ours], os.getpid()),
                daemon=True,
            )
            process.start()
            theirs.close()
            self.workers.append(Worker(process, ours))
        gc.unfreeze()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes: at once where something is wrong, and else as soon as they are free."""
        for worker in self.workers:
            worker.pipe.close()
            if kind is not None:
                worker.process.kill()
        for worker in self.workers:
            worker.process.join(ENDING_SECONDS)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self.workers.clear()

    def close_ranges(self, tasks: Iterable[RangeTask]) -> Iterator[RangeDone]:
        """See `app.engines.Engine`; after an error the engine is of no more use."""
        left, free = iter(tasks), list(self.workers)
        busy: dict[Connection, tuple[Worker, RangeTask]] = {}
        while True:
            while free and (task := next(left, None)) is not None:
                give(free[-1], task)
                worker = free.pop()
                busy[worker.pipe] = worker, task
            if not busy:
                return
            for pipe in wait(list(busy)):
                worker, task = busy.pop(pipe)  # type: ignore[call-overload]  # only pipes wait
                done = worker.answer(task)
                free.append(worker)
                yield done


def give(worker: Worker, task: RangeTask) -> None:
    """Hand a range to a free process; that it has ended is said when its answer is read."""
    try:
        worker.pipe.send(task)
    except (BrokenPipeError, ConnectionResetError):
        return


def serve(
    prepare: Callable[[], CloseOne], pipe: Connection, foreign: Sequence[Connection], parent: int
) -> None:
    """Close the ranges that come through the pipe, until it is closed or one fails; in the child.

    Args:
        prepare: See `ForkingEngine`.
        pipe: Where tasks come from and answers go to.
        foreign: The parent's ends of pipes, copied by the fork: while they are open here, nobody
            would find them closed.
        parent: The process that forked.
    """
    die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told too, and ends us
    for each in foreign:
        each.close()
    close_one = prepare()
    while True:
        try:
            task: RangeTask = pipe.recv()
        except EOFError:
            return
        answer: RangeDone | ArrearsError | InvariantError
        try:
            answer = close_one(task)
        except (ArrearsError, InvariantError) as error:
            answer = error
        try:
            pipe.send(answer)
        except BrokenPipeError:
            return


def die_with(parent: int) -> None:
    """Let the system end this process when its parent ends, where it can; leave if it has ended."""
    if sys.platform == "linux":
        CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
