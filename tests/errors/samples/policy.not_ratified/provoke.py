"""Compound interest, and nobody has read the text that permits it."""

from arrears.app.signing import sign
from arrears.bootstrap import signing_registry

terms = {
    "principal": "1200",
    "disbursed_on": "2026-01-05",
    "annual_rate": "0.146",
    "instalments": 3,
}
sign({"terms": terms, "penalty": {"uplift": "0.5", "compound": True}}, signing_registry())
