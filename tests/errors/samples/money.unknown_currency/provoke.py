"""A currency that is not in the list."""

from arrears.kernel.money import currency_of, parse_minor

parse_minor("1200.00", currency_of("RMB", where="terms.currency"), where="terms.principal")
