"""Due dates that avoid rest days, read where nobody hands in a calendar."""

from arrears.servicing.terms import read_terms

read_terms(
    {"principal": "100", "disbursed_on": "2026-01-05", "business_day_convention": "following"}
)
