"""Questions about accounts of the book: the same answers, of what is stored and as it was signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.app.booking import open_day
from arrears.app.refolding import read_stored
from arrears.entrypoints.asking import Asked, balance_document
from arrears.kernel.dates import parse_date
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from arrears.app.ports import Document, Store
    from arrears.entrypoints.messages import Language


def stored_balance(
    store: Store, account_id: str, language: Language, *, as_of: str, until: str, explain: bool
) -> Document:
    """What an account of the book owes on a day, and why.

    Args:
        store: Where the books are kept.
        account_id: Of the account.
        language: Of the sentences that explain.
        as_of: The day asked for; "": the business day that is open.
        until: A day to project to; "": none.
        explain: Whether every movement is wanted, and the policy the contract was signed under.

    Raises:
        ArrearsError: `account.unknown`, `date.malformed`, `cli.usage`.
    """
    with store.unit_of_work() as work:
        account = work.lock(account_id)
        if account is None:
            raise ArrearsError(
                "account.unknown",
                where="--account",
                expected="an account of the book",
                got=account_id,
            )
        day = parse_date(as_of, where="--as-of") if as_of else open_day(work, account.opened_on)
        kept = work.snapshot(str(account.policy["snapshot"])) if account.policy else None
    contract, events = read_stored(account)
    law = None if kept is None else {**account.policy, **kept}
    asked = Asked(as_of=day, known_at=None, until=until, explain=explain, language=language)
    return {
        "account_id": account.account_id,
        "product": account.product,
        **balance_document(contract, events, asked, law),
    }
