"""Terms without a principal."""

from arrears.servicing.terms import read_terms

read_terms({"disbursed_on": "2026-01-05"})
