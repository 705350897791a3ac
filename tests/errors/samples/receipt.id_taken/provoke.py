"""Two lines of a bank statement come under one receipt id."""

from acting import act_out

from arrears.app.suspense import add_receipt

came = {"receipt_id": "R-1", "amount": "100.00", "on": "2026-02-03"}
act_out(
    [(add_receipt, {**came, "source": {"channel": "icbc", "ref": ref}}) for ref in ("T-1", "T-2")]
)
