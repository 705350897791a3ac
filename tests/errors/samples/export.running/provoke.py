"""One process is exporting to a folder; another is asked to export there too."""

from pathlib import Path

from arrears import bootstrap

with bootstrap.export_folder(Path("export")).turn(), bootstrap.export_folder(Path("export")).turn():
    pass
