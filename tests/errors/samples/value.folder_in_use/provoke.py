"""Values are to be written to a folder in which something is."""

from pathlib import Path

from arrears import bootstrap

folder = Path("values")
folder.mkdir()
(folder / "notes.txt").touch()
bootstrap.valued_folder(folder).begin()
