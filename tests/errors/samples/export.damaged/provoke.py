"""The manifest of an export was cut off."""

from pathlib import Path

from arrears import bootstrap

folder = Path("export")
folder.mkdir()
(folder / "manifest.json").write_text('{"schema": 1, "layout": "a', encoding="utf-8")
bootstrap.export_folder(folder).manifest()
