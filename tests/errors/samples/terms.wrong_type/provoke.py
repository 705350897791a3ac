"""An amount written as a number."""

from arrears.servicing.terms import read_terms

read_terms({"principal": 100, "disbursed_on": "2026-01-05"})
