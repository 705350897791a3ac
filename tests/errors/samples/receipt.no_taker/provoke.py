"""A receipt in suspense is given to a borrower who has no account."""

from acting import act_out

from arrears.app.suspense import add_receipt, split_over_accounts

act_out(
    [
        (add_receipt, {"receipt_id": "R-1", "amount": "100.00", "on": "2026-02-03"}),
        (split_over_accounts, {"receipt_id": "R-1", "borrower_id": "B-9"}),
    ]
)
