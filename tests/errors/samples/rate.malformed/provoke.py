"""18 % is 0.18."""

from arrears.kernel.rates import parse_rate_ppm

parse_rate_ppm("18", where="terms.annual_rate")
