"""More than the system can hold exactly."""

from arrears.kernel.money import currency_of, parse_minor

parse_minor("1000000000000.00", currency_of("CNY", where="terms.currency"), where="terms.principal")
