"""A loan is asked for its limit."""

from datetime import UTC, datetime

from arrears.app.booking import new_account
from arrears.app.lines import read_line

terms = {"principal": "500", "disbursed_on": "2026-01-05", "instalments": 3}
body = {"account_id": "L-1", "contract": {"terms": terms}, "events": []}
read_line(
    new_account(body, borrower_id="B-1", product="", recorded_at=datetime(2026, 1, 5, tzinfo=UTC))
)
