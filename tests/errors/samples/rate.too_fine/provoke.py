"""Finer than one part per million."""

from arrears.kernel.rates import parse_rate_ppm

parse_rate_ppm("0.0948225", where="terms.annual_rate")
