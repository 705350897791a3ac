"""A receipt is to be taken back from an account that was never given it."""

from acting import LENT, act_out, lend

from arrears.app.suspense import add_receipt
from arrears.app.unmatching import unmatch_receipt

act_out(
    [
        (lend, {"account_id": "L-1", **LENT}),
        (add_receipt, {"receipt_id": "R-1", "amount": "100.00", "on": "2026-02-03"}),
        (unmatch_receipt, {"receipt_id": "R-1", "account_id": "L-1"}),
    ]
)
