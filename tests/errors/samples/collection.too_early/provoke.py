"""Money is to be drawn on a day that is over."""

from acting import LENT, act_out, lend

from arrears.app.collecting import collect

act_out(
    [
        (lend, {"account_id": "L-1", **LENT}),
        (collect, {"request_id": "C-1", "account_id": "L-1", "on": "2026-01-04"}),
    ]
)
