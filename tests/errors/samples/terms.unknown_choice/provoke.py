"""A word outside its closed set, where no schema stands before it."""

from arrears.servicing.terms import read_terms

read_terms({"principal": "100", "disbursed_on": "2026-01-05", "method": "balloon"})
