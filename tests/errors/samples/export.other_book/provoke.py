"""A folder holds the export of one book; another book is exported to it."""

from datetime import UTC, date, datetime

from arrears.app.exporting import SCHEMA, ExportDone, Manifest, Moment, refuse_other_book

day = date(2026, 1, 31)
one = ExportDone(
    number=1, day=day, exported_at=datetime(2026, 2, 1, tzinfo=UTC), snapshot="740:740:"
)
before = Manifest(
    schema=SCHEMA,
    layout="a",
    book="7000000000000000001/1/16384",
    ranges=(),
    exports=(one,),
    files=(),
)
now = Moment(book="7000000000000000002/1/16384", snapshot="760:760:", day=day, accounts=1)
refuse_other_book(before, now, layout="a")
