"""A refund is said to have left before the money came."""

from acting import LENT, act_out, lend

from arrears.app.posting import post
from arrears.app.refunding import complete_refund

paid = {"id": "P1", "on": "2026-01-05", "type": "repaid", "amount": "1300.00"}
act_out(
    [
        (lend, {"account_id": "L-1", **LENT}),
        (post, {"account_id": "L-1", "event": paid}),
        (complete_refund, {"task_id": "refund/L-1/2", "on": "2026-01-04"}),
    ]
)
