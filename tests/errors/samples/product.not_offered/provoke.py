"""A contract signed before its product was offered."""

from acting import act_out

from arrears.app.booking import book_request
from arrears.app.products import add_product

product = {
    "code": "cash", "version": 1, "offered_from": "2026-01-01",
    "contract": {"terms": {"annual_rate": "0.146", "instalments": 3}},
    "choices": {"terms.principal": {}, "terms.disbursed_on": {}},
}  # fmt: skip
terms = {"principal": "1200", "disbursed_on": "2025-12-31"}
asked = {
    "account_id": "L-1", "borrower_id": "B-1", "product": "cash", "contract": {"terms": terms},
}  # fmt: skip
act_out([(add_product, product), (book_request, asked)])
