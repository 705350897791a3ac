"""A file has a bank's line with another amount than it was recorded with."""

from arrears.app.payment_lines import Line, check_same

recorded = {"account_id": "L-1", "receipt_id": None, "type": "repaid", "on": "2026-02-05"}
line = Line(2, "L-1", "401.00", "2026-02-05", "icbc", "T-1")
check_same(line, {**recorded, "amount": "400.00", "reverses": None})
