"""A purchase above what is left of the limit."""

from datetime import date

from arrears.servicing.contract import read_contract
from arrears.servicing.line import check_purchase
from arrears.servicing.state import fold_contract

contract = read_contract(
    {"kind": "line", "terms": {"principal": "500", "disbursed_on": "2026-01-05"}, "line": {}}
)
state = fold_contract(contract, [], date(2026, 1, 5))
assert contract.line is not None
check_purchase(state, contract.line, 900_00, contract.terms.currency)
