"""A line of a tape has a value more than its heading."""

from pathlib import Path

from arrears.adapters.tape_files import read_rows
from arrears.app.tape_row import refuse_beyond

Path("loans.csv").write_text("account_id,borrower_id\nL-1,B-1,12,000\n", encoding="utf-8")
refuse_beyond(read_rows(Path("loans.csv"))[0])
