"""Figures that other systems have published, printed beside ours: other machines, other work."""

from __future__ import annotations

PUBLISHED = (
    (
        "lana-bank/cala: 10 days of accrual for 100 loans",
        "26.6 s",
        "GaloyMoney/cala, pull request 701; beside: an ordinary day's close",
    ),
    (
        "Frappe Lending: one loan with 2,394 accruals reposted",
        "350 s",
        "frappe/lending, pull request 1384; beside: 2,400 days and 2,000 events folded",
    ),
    (
        "Apache Fineract: a loan fetched after 700 days",
        "161 ms",
        "FINERACT-2234, mail-archive.com/issues@fineract.apache.org/msg15760.html; beside: the same",
    ),
)


def measure() -> list[dict[str, object]]:
    """Rows of the bench table that were measured by others, as published."""
    return [
        {"name": name, "value": value, "bar": "published, not ours", "holds": True, "detail": told}
        for name, value, told in PUBLISHED
    ]
