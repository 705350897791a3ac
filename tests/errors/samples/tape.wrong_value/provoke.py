"""A number of instalments that is no number."""

from arrears.app.tape import neutral

row = {"account_id": "L-1", "borrower_id": "B-1", "principal": "100"}
neutral({**row, "disbursed_on": "2026-01-05", "instalments": "twelve"}, 1)
