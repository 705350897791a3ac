"""More money came, so that another task stands for all of it."""

from acting import LENT, act_out, lend

from arrears.app.posting import post
from arrears.app.refunding import complete_refund

paid = {"id": "P1", "on": "2026-01-05", "type": "repaid", "amount": "1300.00"}
act_out(
    [
        (lend, {"account_id": "L-1", **LENT}),
        (post, {"account_id": "L-1", "event": paid}),
        (post, {"account_id": "L-1", "event": {**paid, "id": "P2"}}),
        (complete_refund, {"task_id": "refund/L-1/2", "on": "2026-01-05"}),
    ]
)
