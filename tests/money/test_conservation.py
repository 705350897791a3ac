"""Whatever is done with money in whatever order, none is made or lost: properties on a real database."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arrears.kernel.errors import ArrearsError
from money.till import Till

_numbers = count(1)
ACCOUNTS = (0, 1, 2)
DAYS = ("2026-01-05", "2026-01-20", "2026-02-05", "2026-02-10")

minor = st.integers(1, 900_00)
which = st.integers(0, 5)
account = st.sampled_from(ACCOUNTS)
day = st.sampled_from(DAYS)
ACTS = st.one_of(
    st.tuples(st.just("add"), minor, day),
    st.tuples(st.just("match"), which, account, st.none() | minor),
    st.tuples(st.just("split"), which, minor, minor),
    st.tuples(st.just("share"), which),
    st.tuples(st.just("unmatch"), which, account),
    st.tuples(st.just("return"), which, st.none() | minor),
    st.tuples(st.just("receive"), minor, day),
    st.tuples(st.just("pay"), account, minor, day),
    st.tuples(st.just("undo"), account, which),
    st.tuples(st.just("refund"), which),
    st.tuples(st.just("write_off"), account),
)


def money(amount_minor: int) -> str:
    return f"{amount_minor // 100}.{amount_minor % 100:02}"


@dataclass
class _Model:
    """What is left of each receipt, and the cash that came and went; three loans of one borrower."""

    till: Till
    name: str
    left_minor: dict[str, int] = field(default_factory=dict)
    paid: list[tuple[str, str]] = field(default_factory=list)
    cash_minor: int = 0

    def __post_init__(self) -> None:
        for number in ACCOUNTS:
            self.till.book(self.account(number), self.name, penalty={"daily_rate": "0.001"})
            self.cash_minor -= 1200_00

    def account(self, number: int) -> str:
        return f"{self.name}-{number}"

    def receipt(self, number: int) -> str | None:
        names = list(self.left_minor)
        return names[number % len(names)] if names else None

    def give(self, name: str, wanted_minor: int, door: str, **body: object) -> None:
        """A part of a receipt leaves suspense; refused where more is asked for than is left."""
        key = f"K-{next(_numbers)}"
        if 0 < wanted_minor <= self.left_minor[name]:
            self.till.ask(door, key=key, receipt_id=name, **body)
            self.left_minor[name] -= wanted_minor
            return
        with pytest.raises(ArrearsError) as caught:
            self.till.ask(door, key=key, receipt_id=name, **body)
        assert caught.value.code == "receipt.overspent"

    def act(self, what: str, *told: object) -> None:
        """Do one thing, if there is anything to do it to."""
        getattr(self, f"act_{what}")(*told)

    def act_add(self, amount_minor: int, on: str) -> None:
        name = f"{self.name}-R{next(_numbers)}"
        self.till.ask("add", receipt_id=name, amount=money(amount_minor), on=on)
        self.left_minor[name] = amount_minor
        self.cash_minor += amount_minor

    def act_match(self, number: int, account_number: int, amount_minor: int | None) -> None:
        if (name := self.receipt(number)) is None:
            return
        body = {} if amount_minor is None else {"amount": money(amount_minor)}
        wanted_minor = self.left_minor[name] if amount_minor is None else amount_minor
        self.give(name, wanted_minor, "match", account_id=self.account(account_number), **body)

    def act_split(self, number: int, first_minor: int, second_minor: int) -> None:
        if (name := self.receipt(number)) is None:
            return
        parts = [
            {"account_id": self.account(at), "amount": money(each)}
            for at, each in ((1, first_minor), (0, second_minor))
        ]
        self.give(name, first_minor + second_minor, "split", parts=parts)

    def act_share(self, number: int) -> None:
        if (name := self.receipt(number)) is not None:
            self.give(name, self.left_minor[name], "split", borrower_id=self.name)

    def act_unmatch(self, number: int, account_number: int) -> None:
        if (name := self.receipt(number)) is None:
            return
        body = {"receipt_id": name, "account_id": self.account(account_number)}
        code, answer = "", {}
        try:
            answer = self.till.ask("unmatch", key=f"K-{next(_numbers)}", **body)
        except ArrearsError as error:
            code = error.code
        assert code in {"", "receipt.not_matched"}
        for each in answer.get("receipts", ()):
            self.left_minor[each["receipt_id"]] = int(each["left"].replace(".", ""))

    def act_return(self, number: int, amount_minor: int | None) -> None:
        if (name := self.receipt(number)) is None:
            return
        body = {} if amount_minor is None else {"amount": money(amount_minor)}
        wanted_minor = self.left_minor[name] if amount_minor is None else amount_minor
        self.give(name, wanted_minor, "return", **body)

    def act_receive(self, amount_minor: int, on: str) -> None:
        body = {"receipt_id": f"{self.name}-Q{next(_numbers)}", "borrower_id": self.name}
        self.till.ask("receive", **body, amount=money(amount_minor), on=on)
        self.cash_minor += amount_minor

    def act_pay(self, number: int, amount_minor: int, on: str) -> None:
        event_id = f"P{next(_numbers)}"
        self.till.pay(self.account(number), event_id, on, money(amount_minor))
        self.paid.append((self.account(number), event_id))
        self.cash_minor += amount_minor

    def act_undo(self, number: int, which_one: int) -> None:
        mine = [each for each in self.paid if each[0] == self.account(number)]
        if not mine:
            return
        name, event_id = mine[which_one % len(mine)]
        self.paid.remove((name, event_id))
        event = {"id": f"V{next(_numbers)}", "on": DAYS[-1], "type": "reversed"}
        (amount,) = self.till.rows(
            "select body ->> 'amount' from event where (account_id, event_id) = (%s, %s)",
            name,
            event_id,
        )
        self.till.ask("post", account_id=name, event={**event, "reverses": event_id})
        self.cash_minor -= int(amount[0].replace(".", ""))

    def act_write_off(self, number: int) -> None:
        event = {"id": f"O{next(_numbers)}", "on": DAYS[-1], "type": "charged_off"}
        self.till.ask("post", account_id=self.account(number), event=event)

    def act_refund(self, number: int) -> None:
        tasks = self.tasks()
        if not tasks:
            return
        task_id, amount_minor = tasks[number % len(tasks)]
        self.till.ask("refund", task_id=task_id, on="2026-02-11")
        self.cash_minor -= amount_minor

    def tasks(self) -> list[tuple[str, int]]:
        return self.till.rows(
            "select task_id, amount_minor from refund_task"
            " where not exists (select from refund_task_end e where e.task_id = refund_task.task_id)"
            " and (account_id like %s or receipt_id like %s) order by 1",
            f"{self.name}-%",
            f"{self.name}-%",
        )

    def ledger(self, account_code: str) -> int:
        """Credits less debits of this borrower's accounts and receipts."""
        ((amount_minor,),) = self.till.rows(
            "select coalesce(sum(case when credit_account = %s then amount_minor else 0 end)"
            " - sum(case when debit_account = %s then amount_minor else 0 end), 0)::bigint"
            " from journal where account_id like %s or entry_id like %s",
            account_code,
            account_code,
            f"{self.name}-%",
            f"receipt/{self.name}-%",
        )
        return int(amount_minor)

    def check(self) -> None:
        """Suspense is what is left, clearing is the cash, credit balances and tasks agree."""
        left_minor = sum(self.left_minor.values())
        waiting = {name: minor for name, minor in self.left_minor.items() if minor}
        with self.till.store.unit_of_work() as work:
            listed = {receipt.receipt_id: minor for receipt, minor in work.open_receipts()}
        assert {n: m for n, m in listed.items() if n.startswith(f"{self.name}-")} == waiting
        assert self.ledger("suspense") == left_minor
        assert -self.ledger("clearing") == self.cash_minor
        assert self.till.ledger("suspense") == sum(listed.values())
        accounts = self.till.rows(
            "select account_id, credit_minor, payoff_minor from account join account_state using (slot, account_id) where borrower_id = %s",
            self.name,
        )
        assert self.ledger("customer_credit") == sum(each[1] for each in accounts)
        owed_back = [each[1] for each in accounts if each[1] and not each[2]]
        tasks = self.tasks()
        returns_minor = sum(minor for name, minor in tasks if name.startswith("return/"))
        assert sorted(m for name, m in tasks if name.startswith("refund/")) == sorted(owed_back)
        assert self.ledger("refund_payable") == returns_minor


@pytest.fixture(scope="module")
def one_book(database, frame) -> Till:
    """One book for all examples, each with a borrower of its own, closed to 2026-02-10."""
    till = Till(database.store(), frame)
    till.book("L-0", "B-0")
    till.close("2026-02-10")
    return till


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts=st.lists(ACTS, min_size=3, max_size=12))
def test_no_fen_is_made_or_lost(one_book, acts) -> None:
    """Money comes, is matched, split, returned, paid back and undone, loans are written off.

    After each act the suspense account is the sum of what is left of open receipts, clearing is the
    cash that came less what went, the books balance, and the tasks are exactly what is owed back.
    """
    model = _Model(one_book, f"B-{next(_numbers)}")
    for what, *told in acts:
        model.act(what, *told)
        model.check()
