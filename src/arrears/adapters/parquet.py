"""Exports as folders of Parquet: written under names nobody reads, published by one rename."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from arrears.app.exporting import SCHEMA, TABLES, ExportDone, ExportFile, Manifest
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

MANIFEST = "manifest.json"
LOCK = ".lock"
#: After the name of a file that is being written.
UNFINISHED = ".unfinished"
#: Rows of a row group: what a reader holds at once. Columns are wide, 2 to 3 kB an account.
ROWS_A_GROUP = {"accounts": 131_072, "columns": 16_384, "events": 131_072, "journal": 131_072}
#: A row group ends before it is as large as that, however few rows it has: long histories are wide.
BYTES_A_GROUP = 2**28


class ParquetFolder:
    """A folder of exports; see `app.exporting.ExportFolder` for what each method promises."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The right to write here; the operating system drops it with the process.

        Raises:
            ArrearsError: `export.running`.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ArrearsError(
                    "export.running",
                    where="--to",
                    expected="nobody else exporting to this folder",
                    got="another export that is under way",
                ) from None
            yield

    def manifest(self) -> Manifest | None:
        """What the folder holds; None: nothing yet.

        Raises:
            ArrearsError: `export.other_schema`, `export.damaged`.
        """
        path = self.path / MANIFEST
        return manifest_of(path.read_text(encoding="utf-8")) if path.exists() else None

    def versions(self, files: Iterable[ExportFile]) -> dict[str, int]:
        """The newest version of each account in files of `accounts`, newest first."""
        found: dict[str, int] = {}
        for file in files:
            table = pq.read_table(self.path / file.path, columns=["account_id", "version"])
            read = zip(table["account_id"].to_pylist(), table["version"].to_pylist(), strict=True)
            found = dict(read) | found
        return found

    def write(
        self, done: ExportDone, slots: range, batches: Iterable[Mapping[str, pa.RecordBatch]]
    ) -> list[ExportFile]:
        """Write rows of one range, each table into a file that is not finished yet."""
        open_files: dict[str, TableFile] = {}
        for tables in batches:
            for table, batch in tables.items():
                if batch.num_rows and table not in open_files:
                    path = f"{table}/{folder_of(slots)}/day={done.day}/{done.number:04d}.parquet"
                    open_files[table] = TableFile(self.path, path, ROWS_A_GROUP[table])
                if batch.num_rows:
                    open_files[table].add(batch)
        return [
            ExportFile(table=table, slots=slots, export=done.number, **file.finish())
            for table, file in open_files.items()
        ]

    def publish(self, manifest: Manifest) -> None:
        """Give the new files their names, then put the manifest in the place of the one before.

        What an export left that was stopped is removed: no manifest lists it, and none ever will.
        """
        listed = {self.path / each.path for each in manifest.files}
        wanted = listed | {each.with_name(each.name + UNFINISHED) for each in listed}
        for table in TABLES:
            for path in (self.path / table).glob("slots=*/day=*/*.parquet*"):
                if path not in wanted:
                    path.unlink()
        folders: set[Path] = set()
        for each in manifest.files:
            if each.export == manifest.exports[-1].number:
                path = self.path / each.path
                path.with_name(path.name + UNFINISHED).replace(path)
                folders.update(each for each in path.parents if each.is_relative_to(self.path))
        sync_folders(folders)
        path = self.path / MANIFEST
        unfinished = path.with_name(MANIFEST + UNFINISHED)
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(document_of(manifest))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        sync_folders({self.path})


def sync_folders(folders: set[Path]) -> None:
    """Wait until the disk knows the names in folders: a file is only as safe as its name."""
    for folder in sorted(folders, reverse=True):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


class TableFile:
    """One Parquet file being written, a row group at a time."""

    def __init__(self, folder: Path, path: str, rows_a_group: int) -> None:
        self.path = path
        self.final = folder / path
        self.final.parent.mkdir(parents=True, exist_ok=True)
        self.unfinished = self.final.with_name(self.final.name + UNFINISHED)
        self.rows_a_group = rows_a_group
        self.waiting: list[pa.RecordBatch] = []
        self.writer: pq.ParquetWriter | None = None
        self.rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Add rows; full row groups are written, the rest waits."""
        self.waiting.append(batch)
        self.rows += batch.num_rows
        if sum(each.nbytes for each in self.waiting) >= BYTES_A_GROUP:
            self.write_waiting(keep_rest=False)
        elif sum(each.num_rows for each in self.waiting) >= self.rows_a_group:
            self.write_waiting(keep_rest=True)

    def write_waiting(self, *, keep_rest: bool) -> None:
        """Write what waits, but for what does not fill a row group where the rest is kept."""
        if not self.waiting:
            return
        table = pa.Table.from_batches(self.waiting)
        many = len(table) // self.rows_a_group * self.rows_a_group if keep_rest else len(table)
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.unfinished, table.schema, compression="zstd")
        self.writer.write_table(table.slice(0, many), row_group_size=self.rows_a_group)
        self.waiting = table.slice(many).to_batches()

    def finish(self) -> dict[str, Any]:
        """Write the rest and wait for the disk: path, rows, bytes, digest."""
        self.write_waiting(keep_rest=False)
        if self.writer is not None:
            self.writer.close()
        with self.unfinished.open("rb+") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
        return {"path": self.path, "rows": self.rows, "bytes": size, "sha256": digest}


def folder_of(slots: range) -> str:
    """A range of slots as the name of a folder: first and last."""
    return f"slots={slots.start:04d}-{slots.stop - 1:04d}"


def document_of(manifest: Manifest) -> str:
    """A manifest as JSON."""

    def plain(value: object) -> object:
        if isinstance(value, range):
            return [value.start, value.stop]
        return value.isoformat() if isinstance(value, date) else value

    document = {
        **asdict(manifest),
        "ranges": [plain(each) for each in manifest.ranges],
        "exports": [{k: plain(v) for k, v in asdict(each).items()} for each in manifest.exports],
        "files": [{k: plain(v) for k, v in asdict(each).items()} for each in manifest.files],
    }
    return json.dumps(document, indent=1) + "\n"


def manifest_of(text: str) -> Manifest:
    """A manifest out of JSON.

    Raises:
        ArrearsError: `export.other_schema`, `export.damaged`.
    """
    try:
        document = json.loads(text)
        schema = document["schema"]
        if schema != SCHEMA:
            raise ArrearsError(
                "export.other_schema",
                where="manifest.json, field schema",
                expected=f"schema version {SCHEMA}",
                got=str(schema),
            )
        exports = tuple(
            ExportDone(
                number=each["number"],
                day=date.fromisoformat(each["day"]),
                exported_at=datetime.fromisoformat(each["exported_at"]),
                snapshot=each["snapshot"],
            )
            for each in document["exports"]
        )
        return Manifest(
            schema=schema,
            layout=document["layout"],
            book=document["book"],
            ranges=tuple(range(*each) for each in document["ranges"]),
            exports=exports,
            files=tuple(
                ExportFile(**{**each, "slots": range(*each["slots"])}) for each in document["files"]
            ),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ArrearsError(
            "export.damaged",
            where=MANIFEST,
            expected="a manifest as arrears export writes it",
            got=str(error),
        ) from error


def newest_rows(
    folder: Path, files: Iterable[ExportFile], columns: list[str]
) -> Iterator[pa.RecordBatch]:
    """The newest row of each account out of files of one table and range, newest file first.

    Raises:
        ArrearsError: `export.damaged`.
    """
    seen = pa.array([], pa.string())
    left = list(files)
    while left:
        file = left.pop(0)
        ids = [seen]
        for batch in batches_of(folder, file, columns):
            rows = batch
            if len(seen):
                rows = batch.filter(pc.invert(pc.is_in(batch["account_id"], value_set=seen)))
            if left:
                ids.append(batch["account_id"])
            if rows.num_rows:
                yield rows
        if left:
            seen = pc.unique(pa.concat_arrays(ids))


def batches_of(folder: Path, file: ExportFile, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """A file's rows, a row group at a time.

    Raises:
        ArrearsError: `export.damaged`.
    """
    path = folder / file.path
    try:
        if path.stat().st_size != file.bytes:
            raise ArrearsError(
                "export.damaged",
                where=file.path,
                expected=f"{file.bytes} bytes",
                got=f"{path.stat().st_size} bytes",
            )
        with pq.ParquetFile(path) as opened:
            for group in range(opened.num_row_groups):
                table = opened.read_row_group(group, columns=columns, use_threads=False)
                yield from table.combine_chunks().to_batches()
    except (OSError, pa.ArrowException) as error:
        raise ArrearsError(
            "export.damaged",
            where=file.path,
            expected="a Parquet file",
            got=str(error).splitlines()[0],
        ) from error
