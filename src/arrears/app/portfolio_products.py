"""What the demonstration's lender offers: a loan at a rate, a loan for a fee, and a revolving line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.servicing.product import contract_from_product, read_product

if TYPE_CHECKING:
    from arrears.app.ports import Document

OFFERED_FROM = "2026-01-01"
LOAN, FEE_LOAN, LINE = "jiebei", "jiebei-fee", "huabei"
#: Of every product; in the law's place stand the lender's own limits, which are no laxer.
LIMITS: Document = {"cap_annual": "0.24", "non_accrual_days": 90}
LOAN_CHOICES: Document = {
    "terms.principal": {"least": "2000", "most": "20000"},
    "terms.disbursed_on": {},
    "terms.instalments": {"one_of": [3, 6, 12]},
}
PRODUCTS: dict[str, Document] = {
    LOAN: {
        "code": LOAN,
        "version": 1,
        "offered_from": OFFERED_FROM,
        "contract": {
            "terms": {"day_count": "actual/365"},
            "penalty": {
                "mode": "replaces",
                "uplift": "0.5",
                "grace_days": 3,
                "materiality": "1.00",
            },
            **LIMITS,
        },
        "choices": {
            **LOAN_CHOICES,
            "terms.method": {"one_of": ["equal_instalment", "equal_principal", "interest_only"]},
            "terms.annual_rate": {"least": "0.1095", "most": "0.1825"},
            "accrual": {"one_of": ["scheduled", "daily"]},
        },
    },
    FEE_LOAN: {
        "code": FEE_LOAN,
        "version": 1,
        "offered_from": OFFERED_FROM,
        "contract": {
            "terms": {"method": "fee_instalment", "fee_rate": "0.03", "day_count": "actual/365"},
            "penalty": {
                "mode": "replaces",
                "daily_rate": "0.0005",
                "grace_days": 3,
                "materiality": "1.00",
            },
            **LIMITS,
        },
        "choices": LOAN_CHOICES,
    },
    LINE: {
        "code": LINE,
        "version": 1,
        "offered_from": OFFERED_FROM,
        "contract": {
            "kind": "line",
            "terms": {"annual_rate": "0.1825", "day_count": "actual/365"},
            "line": {"statement_day": 1, "due_days_offered": [8, 9, 10], "minimum_share": "0.1"},
            "penalty": {"mode": "replaces", "daily_rate": "0.0005", "grace_days": 3},
            **LIMITS,
        },
        "choices": {
            "terms.principal": {"least": "5000", "most": "10000"},
            "terms.disbursed_on": {},
            "line.limit": {"least": "5000", "most": "10000"},
            "line.due_day": {"one_of": [8, 9, 10]},
        },
    },
}


def whole_contract(code: str, choices: Document) -> Document:
    """The contract a borrower signs: all of the product, and what was chosen."""
    return contract_from_product(read_product(PRODUCTS[code]), choices)
