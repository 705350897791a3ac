"""More of a bill is to be spread over instalments than it asks for."""

from arrears.kernel.money import currency_of
from arrears.servicing.line_changes import refuse_more_than

refuse_more_than(900_00, 1000_00, currency_of("CNY", where="currency"))
