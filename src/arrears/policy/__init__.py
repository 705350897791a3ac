"""Dated, cited parameters: what the law and the lender said, on a date, as known on a date."""
