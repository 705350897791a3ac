"""Yuan have two decimals."""

from arrears.kernel.money import currency_of, parse_minor

parse_minor("1200.505", currency_of("CNY", where="terms.currency"), where="terms.principal")
