"""An export was written by a program that lays out its tables in another way."""

from pathlib import Path

from arrears import bootstrap

folder = Path("export")
folder.mkdir()
(folder / "manifest.json").write_text('{"schema": 2}', encoding="utf-8")
bootstrap.export_folder(folder).manifest()
