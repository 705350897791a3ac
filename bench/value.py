"""Measures the whole book valued from Parquet: in Spark on two cores against the local engine on two cores."""

from __future__ import annotations

import os
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import mix
import numpy as np
import pyarrow as pa

from arrears import bootstrap
from arrears.adapters.value_engines import LocalValueEngine, SparkValueEngine
from arrears.app.exporting import SCHEMA, ExportDone, ExportFile, Manifest, laid_out
from arrears.app.valuing import By, Question, Valuation, value_export
from arrears.kernel.dates import date_of
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from arrears.app.valuing import ValueEngine

    Rows: TypeAlias = list[dict[str, object]]

CORES = 2
#: Of fewer, what Spark asks for each range is more than what the fold does.
LOANS_MIN = 1_000_000
RUNS = 3
RATIO_MAX = 3.0
CHUNK = 16_384
AT = datetime(2026, 6, 1, tzinfo=UTC)


def measure(loans: int) -> Rows:
    """The rows of the bench table that concern valuing a book.

    Args:
        loans: How many, or `LOANS_MIN`; some 130 bytes of disk each.
    """
    loans = max(loans, LOANS_MIN)
    with tempfile.TemporaryDirectory(prefix="arrears-bench-") as name:
        folder = Path(name)
        began = time.perf_counter()
        size = make_export(folder, loans)
        made = time.perf_counter() - began
        here, seconds = timed(folder, LocalValueEngine(CORES))
        rows = [
            {
                "name": f"valuing {loans:,} loans from Parquet, local, {CORES} processes",
                "value": round(seconds, 2),
                "bar": "seconds, no bar",
                "holds": here.figure("broken") == 0,
                "detail": f"{loans / seconds / CORES:,.0f} loans a second and core; "
                f"{size / loans:.0f} bytes a loan on disk; made in {made:.0f} s",
            }
        ]
        os.environ.setdefault("PYSPARK_SUBMIT_ARGS", f"--master local[{CORES}] pyspark-shell")
        try:
            there, in_spark = timed(folder, SparkValueEngine())
        except ArrearsError as error:
            return [*rows, not_measured(error)]
        same = there.figures() == here.figures()
        return [
            *rows,
            {
                "name": f"the same in Spark, local[{CORES}], warm",
                "value": round(in_spark / seconds, 2),
                "bar": f"<= {RATIO_MAX} x the local engine",
                "holds": in_spark <= RATIO_MAX * seconds and same,
                "detail": f"{in_spark:.2f} s; {'every figure equal' if same else 'FIGURES DIFFER'}",
            },
        ]


def not_measured(error: ArrearsError) -> dict[str, object]:
    """The row of an engine that this machine does not have."""
    return {
        "name": "the same in Spark",
        "value": "-",
        "bar": f"<= {RATIO_MAX} x the local engine",
        "holds": True,
        "detail": f"NOT MEASURED: {error.code}",
    }


def timed(folder: Path, engine: ValueEngine) -> tuple[Valuation, float]:
    """The valuation by an engine that is warm, and the median of its times."""
    as_of = date_of(mix.AS_OF)
    question = Question(
        as_of=as_of,
        known_at=None,
        ageing=bootstrap.frame(compiled=False).ageing_on(as_of),
        by=By.BUCKET,
    )
    taken = []
    for _ in range(1 + RUNS):
        began = time.perf_counter()
        valuation = value_export(
            bootstrap.export_folder(folder), str(folder), bootstrap.layout(), question, engine
        )
        taken.append(time.perf_counter() - began)
    return valuation, sorted(taken[1:])[RUNS // 2]


def make_export(folder: Path, loans: int) -> int:
    """Write an export of so many loans of the mix, as `arrears export` would; its size in bytes."""
    to = bootstrap.export_folder(folder)
    ranges = laid_out(loans)
    done = ExportDone(number=1, day=date(2026, 5, 31), exported_at=AT, snapshot="1:1:")
    files: list[ExportFile] = []
    with to.turn():
        for at, slots in enumerate(ranges):
            mine = loans * (at + 1) // len(ranges) - loans * at // len(ranges)
            files += to.write(done, slots, columns_of_range(slots, mine))
        to.publish(
            Manifest(
                schema=SCHEMA, layout=bootstrap.layout(), book="bench", ranges=ranges,
                exports=(done,), files=tuple(files),
            )
        )  # fmt: skip
    return sum(file.bytes for file in files)


def columns_of_range(slots: range, loans: int) -> Iterator[dict[str, pa.RecordBatch]]:
    """The table of columns of one range, a row group at a time; loans differ from group to group."""
    for start in range(0, loans, CHUNK):
        many = min(CHUNK, loans - start)
        book = mix.make(many, seed=slots.start * 1_000 + start)
        ids = [f"L-{slots.start:04d}-{number:07d}" for number in range(start, start + many)]
        orders = np.tile(book.orders, (many, 1))
        each = np.arange(many + 1, dtype=np.int64)
        yield {
            "columns": pa.RecordBatch.from_pydict(
                {
                    "slot": pa.array(np.full(many, slots.start, dtype=np.int16)),
                    "account_id": pa.array(ids),
                    "product": pa.array(["mix@1"] * many),
                    "currency": pa.array(["CNY"] * many),
                    "terms": packed(book.terms, each),
                    "orders": packed(orders, each),
                    "rows": packed(book.rows, book.row_offsets),
                    "events": packed(book.events, book.event_offsets),
                }
            )
        }


def packed(table: mix.Int64Array, offsets: mix.Int64Array) -> pa.Array:
    """Each loan's part of a table as bytes."""
    width = 8 * table.shape[1]
    ends = pa.py_buffer((offsets * width).astype(np.int32))
    data = pa.py_buffer(np.ascontiguousarray(table).tobytes())
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, [None, ends, data])
