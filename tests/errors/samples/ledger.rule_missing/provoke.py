"""A movement that cannot occur: principal does not accrue."""

from arrears.adapters.ledger_files import load_posting_rules
from arrears.kernel.movement import Component, MovementKind, Stage

load_posting_rules().pairs(MovementKind.ACCRUED, Component.PRINCIPAL, Stage.NORMAL)
