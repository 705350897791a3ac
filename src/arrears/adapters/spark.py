"""Ranges as tasks of Spark: one partition each, the same Python in its executors, no shuffle.

Executors need this program and the same Python; what a task names, such as a folder or a database,
they reach by themselves. Where nothing names a master, Spark runs in processes of this machine.
"""

from __future__ import annotations

import os
import pickle
import shutil
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pyarrow as pa

from arrears.kernel.errors import ArrearsError, InvariantError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pyspark.sql import SparkSession

Task = TypeVar("Task")
Done = TypeVar("Done")

#: What mapInArrow asks for beside Spark itself.
LIBRARIES = ("pyspark", "pandas", "pyarrow")
#: Of a session on this machine alone: nothing listens to the outside, nothing is drawn on the screen.
LOCAL = {
    "spark.master": "local[*]",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
ANSWER = "at bigint, answer binary"


@dataclass(frozen=True, slots=True)
class Partition(Generic[Task, Done]):
    """What an executor does with its partition; sent there by name, so it must be found there."""

    prepare: Callable[[], Callable[[Task], Done]]  #: called once in each process
    tasks: Sequence[Task]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Do the tasks whose numbers come, and answer with what became of each."""
        do = prepared(self.prepare)
        for batch in batches:
            for at in batch.column(0).to_pylist():
                answer: Done | ArrearsError | InvariantError
                try:
                    answer = do(self.tasks[at])
                except (ArrearsError, InvariantError) as error:
                    answer = error
                yield pa.RecordBatch.from_pydict({"at": [at], "answer": [packed(answer)]})


@cache
def prepared(prepare: Callable[[], Callable[[Task], Done]]) -> Callable[[Task], Done]:
    """What does a task in this process: made once, for processes are used again."""
    return prepare()


def packed(answer: object) -> bytes:
    """An answer for its way to the driver; an error goes as what it was made of."""
    if isinstance(answer, ArrearsError):
        document = answer.as_document()
        answer = {name: document[name] for name in ("code", "where", "expected", "got", "mend")}
    elif isinstance(answer, InvariantError):
        answer = (answer.rule, answer.facts)
    return pickle.dumps(answer)


def run_tasks(
    tasks: Sequence[Task], prepare: Callable[[], Callable[[Task], Done]]
) -> Iterator[Done]:
    """Do tasks in Spark, a partition each.

    Args:
        tasks: Sent to every executor; small.
        prepare: A function that executors find by name; what it returns does one task.

    Yields:
        What became of each, in their order, when all are done.

    Raises:
        ArrearsError: what the first task that failed raised; `engine.not_installed`, `engine.no_java`.
        InvariantError: likewise.
    """
    if not tasks:
        return
    numbers = session().range(0, len(tasks), 1, len(tasks))
    rows = numbers.mapInArrow(Partition(prepare, tasks), ANSWER).collect()
    for row in sorted(rows, key=lambda each: each["at"]):
        answer: Any = pickle.loads(bytes(row["answer"]))  # noqa: S301 - made by our own executors
        if isinstance(answer, dict):
            raise ArrearsError(answer.pop("code"), **answer)
        if isinstance(answer, tuple):
            raise InvariantError(*answer)
        yield answer


def refuse_other_program(mine: str, asked: str) -> None:
    """Refuse to do a task with another program, policy or posting rules than whoever hands tasks out.

    Raises:
        ArrearsError: `engine.other_program`.
    """
    if mine != asked:
        raise ArrearsError(
            "engine.other_program",
            where="an executor of Spark",
            expected=f"program, policy and posting rules under the digest {asked}",
            got=f"those of {mine}",
        )


def session() -> SparkSession:
    """The session of whoever started us (spark-submit, a notebook), or one on this machine.

    Raises:
        ArrearsError: `engine.not_installed`, `engine.no_java`.
    """
    for name in LIBRARIES:
        if find_spec(name) is None:
            raise ArrearsError(
                "engine.not_installed", where="--engine spark", expected=name, got="no such library"
            )
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if java is None:
        raise ArrearsError(
            "engine.no_java",
            where="--engine spark",
            expected="a java program on the PATH, or in the bin folder of JAVA_HOME",
            got="none",
        )
    from pyspark import SparkConf  # noqa: PLC0415 - an extra
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    builder = SparkSession.builder.appName("arrears")
    asked = dict(SparkConf().getAll())
    if asked.get("spark.master", "local").startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        for name, value in LOCAL.items():
            if name not in asked:
                builder = builder.config(name, value)
    return builder.getOrCreate()
