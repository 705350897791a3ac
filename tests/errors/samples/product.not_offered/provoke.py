"""A contract signed before its product was offered."""

from datetime import UTC, datetime
from pathlib import Path

from arrears import bootstrap
from arrears.app.booking import Command, book_request
from arrears.app.products import add_product

home = Path("home").resolve()
store, frame = bootstrap.open_embedded(home), bootstrap.frame(compiled=False)
recorded_at = datetime(2026, 1, 5, tzinfo=UTC)
product = {
    "code": "cash", "version": 1, "offered_from": "2026-01-01",
    "contract": {"terms": {"annual_rate": "0.146", "instalments": 3}},
    "choices": {"terms.principal": {}, "terms.disbursed_on": {}},
}  # fmt: skip
terms = {"principal": "1200", "disbursed_on": "2025-12-31"}
body = {
    "account_id": "L-1", "borrower_id": "B-1", "product": "cash", "contract": {"terms": terms},
}  # fmt: skip
try:
    for use_case, command, asked in (
        (add_product, "product", product),
        (book_request, "book", body),
    ):
        use_case(
            store,
            Command(caller="sample", command=command, key="1", body=asked),
            recorded_at=recorded_at,
            frame=frame,
        )
finally:
    store.close()
    bootstrap.stop_embedded(home)
