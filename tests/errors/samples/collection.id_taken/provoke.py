"""Requests to two accounts come under one id."""

from acting import LENT, act_out, lend

from arrears.app.collecting import collect

act_out(
    [
        (lend, {"account_id": "L-1", **LENT}),
        (lend, {"account_id": "L-2", **LENT}),
        (collect, {"request_id": "C-1", "account_id": "L-1"}),
        (collect, {"request_id": "C-1", "account_id": "L-2"}),
    ]
)
