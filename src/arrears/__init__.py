"""Arrears: what is owed, why, and what can be done about it, for any account on any date."""
