"""The mature book: records that read back as they were folded, drawn from a seed, with every way of paying."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from arrears import bootstrap
from arrears.adapters.compiler import compile_kernel
from arrears.app.mature_book import CLOSED_ON, OFFERS, draw, parts_of
from arrears.app.mature_contracts import (
    PRODUCTS,
    YUAN,
    Signatures,
    choices_of,
    form_of,
    plans_of,
    solve_plans,
)
from arrears.app.mature_documents import account_records, event_records
from arrears.app.mature_lines import lines_of
from arrears.app.mature_loans import loans_of
from arrears.app.signing import sign
from arrears.kernel.dates import date_of, days_of
from arrears.servicing import layout as c
from arrears.servicing.book import fold_all
from arrears.servicing.contract import read_contract
from arrears.servicing.door import columns_of
from arrears.servicing.events import event_document, read_event
from arrears.servicing.fitting import check_account
from arrears.servicing.product import contract_from_product, read_product
from arrears.servicing.state import ALL_KNOWN

if TYPE_CHECKING:
    from typing import Any

ACCOUNTS, SEED = 160, 7


@pytest.fixture(scope="module")
def kernel() -> Any:  # noqa: ANN401 - the compiled form has no types
    """The fold, compiled."""
    return compile_kernel()


@pytest.fixture(scope="module")
def made(kernel) -> list[Any]:  # noqa: ANN001 - a fixture
    """Loans and lines of a small book, each with its records."""
    drawn = draw(ACCOUNTS, SEED)
    signatures = Signatures(bootstrap.signing_registry())
    schedules = solve_plans(plans_of(drawn), signatures)
    loans = loans_of(drawn.part(~drawn.is_line), schedules, signatures, kernel.fold_book)
    lines = lines_of(drawn.part(drawn.is_line), signatures, kernel.fold_book)
    found = []
    for each in (loans, lines):
        events = event_records(each.drawn, each.histories, each.book, schedules)
        found.append((each, list(account_records(each.drawn, signatures)), list(events)))
    return found


def test_the_same_seed_draws_the_same_book() -> None:
    """Two draws are equal in every column, another seed's is not; parts cut no slot in two."""
    one, two, other = draw(500, 3), draw(500, 3), draw(500, 4)
    for name in one.__slots__:
        assert (getattr(one, name) == getattr(two, name)).all()
    assert (one.opened_on != other.opened_on).any()
    big = draw(120_000, 1)
    parts = parts_of(big)
    assert len(parts) > 1
    assert sum(part.stop - part.start for part in parts) == len(big)
    for before, after in pairwise(parts):
        assert big.slot[before.stop - 1] < big.slot[after.start]


def test_records_read_back_as_the_columns_that_were_folded(made) -> None:  # noqa: ANN001 - a fixture
    """Contracts and events are documents of the shape that is stored, and make the same columns."""
    for each, accounts, events in made:
        of_account = Counter(event.account for event in events)
        assert len(accounts) == len(each.drawn)
        for at, account in enumerate(accounts):
            contract = read_contract(json.loads(account.contract))
            told = [json.loads(event.body) for event in events if event.account == at]
            read = [read_event(body, YUAN, where="event") for body in told]
            check_account(contract, read)
            assert [event_document(one, YUAN) for one in read] == told
            columns, book = columns_of(contract, read), each.book
            events_of = book.events[slice(*book.event_offsets[at : at + 2])]
            assert len(events_of) == of_account[at]
            assert columns.events.tolist() == events_of.tolist()
            assert (
                columns.rows.tolist() == book.rows[slice(*book.row_offsets[at : at + 2])].tolist()
            )
            terms = book.terms[at].tolist()
            first, count = terms[c.T_ORDER_FIRST], terms[c.T_ORDER_COUNT]
            assert columns.orders.tolist() == book.orders[first : first + count].tolist()
            terms[c.T_ORDER_FIRST] = 0
            assert columns.terms.tolist() == terms


def test_contracts_are_those_that_signing_gives(made) -> None:  # noqa: ANN001 - a fixture
    """A contract filled into a form is what signing on its day makes of product and choices."""
    for each, accounts, _ in made:
        for at in range(0, len(accounts), 9):
            day = date_of(int(each.drawn.opened_on[at]))
            code, choices = choices_of(form_of(each.drawn, at), day)
            document = contract_from_product(read_product(PRODUCTS[code]), choices)
            signed = sign(document, bootstrap.signing_registry())
            assert json.loads(accounts[at].contract) == signed.document
            assert json.loads(accounts[at].policy) == signed.policy


def test_settled_loans_owe_nothing_and_nobody_has_paid_too_much(made, kernel) -> None:  # noqa: ANN001 - fixtures
    """The last payment is what is owed to the fen; no account holds a credit balance."""
    for each, _, _ in made:
        folded = fold_all(
            each.book, days_of(CLOSED_ON), ALL_KNOWN, posting=c.NONE, fold_book=kernel.fold_book
        )
        assert not folded.failed()
        assert not folded.accounts[:, c.A_CREDIT].any()
        if not each.drawn.is_line.any():
            longest = max(offer.instalments for offer in OFFERS)
            owes = folded.accounts[:, c.A_PAYOFF] > 0
            is_old = each.drawn.opened_on < days_of(CLOSED_ON) - 31 * (longest + 2)
            assert (owes & is_old).sum() < 0.1 * is_old.sum()
            assert np.count_nonzero(owes) > 0
