"""A line that owes nothing is asked to put its bill off."""

from datetime import date

from arrears.servicing.contract import read_contract
from arrears.servicing.line_changes import deferred_rows
from arrears.servicing.state import fold_contract

contract = read_contract(
    {"kind": "line", "terms": {"principal": "500", "disbursed_on": "2026-01-05"}, "line": {}}
)
deferred_rows([], fold_contract(contract, [], date(2026, 2, 5)))
