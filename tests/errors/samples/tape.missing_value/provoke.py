"""A neutral row without a principal."""

from arrears.app.tape import neutral

neutral({"account_id": "L-1", "borrower_id": "B-1", "disbursed_on": "2026-01-05"}, 1)
