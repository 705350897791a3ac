"""Two closes at once, one that hangs, and payments that arrive meanwhile: nothing lost, nothing twice."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing as closing_at_end
from datetime import date
from typing import TYPE_CHECKING

import psycopg
import pytest
from book import ACCOUNTS_A_RANGE, END, IS_FULL, same
from closer import RECORDED, close, frame
from wire import Side

from arrears.adapters.postgres.store import PostgresStore
from arrears.app.booking import Command
from arrears.app.portfolio import chance
from arrears.app.posting import post
from arrears.app.refolding import refold

if TYPE_CHECKING:
    from book import Book

    from arrears.app.ports import Document

SEEDS = 12 if IS_FULL else 2
CLIENTS = 3
#: A month's end after all payments: it folds the whole book, and reconciles it.
AFTERWARDS = date(2026, 3, 31)
DAYS = ("2026-02-10", "2026-02-27", "2026-02-28", "2026-03-01", "2026-03-03")
#: Net amounts by account, day and ledger account: what does not depend on when it was posted.
NET = """
select account_id, value_on, ledger, sum(minor)
from (select account_id, value_on, debit_account as ledger, amount_minor as minor from journal
      union all select account_id, value_on, credit_account, -amount_minor from journal) as sides
where account_id like 'L-%' group by 1, 2, 3 having sum(minor) <> 0 order by 1, 2, 3
"""
CACHES = """
select account_id, folded_to, next_action_on, bucket, five_class, bureau, status, days_past_due,
       principal_minor, payoff_minor, credit_minor, is_non_accrual
from account_state where account_id like 'L-%' order by 1
"""


@pytest.mark.parametrize("processes", [1, 2])
def test_of_two_closes_one_does(processes, untouched, calm, closing) -> None:
    """Started together, one closes; the other finds it closed, or is told who is at it."""
    book = untouched.copy()
    both = [closing(book.url, processes) for _ in range(2)]
    assert sorted(each.end() for each in both) in (["done", "done"], ["close.running", "done"])
    same(book.rows(), calm(processes))
    book.remove()


@pytest.mark.parametrize("side", list(Side) if IS_FULL else [Side.SENT])
def test_a_close_that_hangs_is_taken_over(side, untouched, calm, closing, act, fault_wire) -> None:
    """All its processes are stopped at a commit: the next close ends their sessions and goes on.

    Woken up, they find their sessions ended, say so, and have changed nothing.
    """
    book, stopped = untouched.copy(), threading.Event()

    def at(moment) -> None:
        if (moment.commit, moment.side) == (6, side) and not stopped.is_set():
            os.killpg(os.getpgid(moment.client), signal.SIGSTOP)
            stopped.set()

    fault_wire.watch(at)
    hanging = closing(fault_wire.url("arrears_app", book.name), 2)
    assert stopped.wait(60)
    fault_wire.watch(None)
    act(close, book.url, END, ACCOUNTS_A_RANGE, 2, 1).succeed()
    os.killpg(hanging.pid, signal.SIGCONT)
    assert hanging.end() in {"store.unreachable", "engine.process_ended"}
    same(book.rows(), calm(2))
    book.remove()


def payments(book: Book, seed: int) -> list[tuple[str, Document]]:
    """For every account one payment on one of some days, or one that was made is taken back."""
    with psycopg.connect(book.superuser_url) as connection:
        rows = connection.execute(
            "select account_id, max(event_id) filter (where type = 'repaid'),"
            " max(value_on) filter (where type = 'repaid')"
            " from event where account_id not in (select account_id from event where type = 'reversed')"
            " group by 1 order by 1"
        ).fetchall()
    made: list[tuple[str, Document]] = []
    for account_id, paid_id, paid_on in rows:
        name = f"{seed}/{account_id}"
        if paid_id is not None and not chance(name, "reverses", 3):
            on = max(paid_on, date(2026, 2, 20)).isoformat()
            event = {"id": "V1", "on": on, "type": "reversed", "reverses": paid_id}
        else:
            on = DAYS[chance(name, "on", len(DAYS))]
            amount = f"{1 + chance(name, 'amount', 2000)}.{chance(name, 'fen', 100):02d}"
            event = {"id": "Q1", "on": on, "type": "repaid", "amount": amount}
        made.append((account_id, dict(event)))
    return sorted(made, key=lambda each: chance(f"{seed}/{each[0]}", "turn", 1000))


def post_one(store: PostgresStore, account_id: str, event: Document) -> None:
    """Post through the use case."""
    body: Document = {"account_id": account_id, "event": event}
    command = Command(caller="bank", command="post", key=f"{account_id}/{event['id']}", body=body)
    post(store, command, recorded_at=RECORDED, frame=frame())


def post_all(url: str, posts: list[tuple[str, Document]]) -> None:
    """One client's posts, one after the other."""
    with closing_at_end(PostgresStore(url)) as store:
        for account_id, event in posts:
            post_one(store, account_id, event)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_payments_arrive_during_the_close(seed, untouched, closing, struck, passed, act) -> None:
    """Clients post while ranges are closed: late, early and taken-back payments, one on every account.

    One more client posts at the very moment when a range has been read and is not written yet. With
    an odd seed the close is killed besides. In the end the book is the one that had them all before:
    loans to the fen, by account, day and ledger account, and every account's fold finds nothing to post.
    """
    processes, shared, before = 1 + seed % 2, untouched.copy(), untouched.copy()
    posts = payments(shared, seed)
    at_the_moment, others = posts[:20], posts[20:]

    def at(moment) -> bool:
        if moment.side is Side.ANSWERED and "bucket, five_class, bureau" in moment.sql:
            post_all(shared.url, [at_the_moment.pop() for _ in range(2) if at_the_moment])
        return seed % 4 == 3 and moment.number == passed(processes)[0] // 2

    with ThreadPoolExecutor(CLIENTS) as clients:
        posting = [
            clients.submit(post_all, shared.url, others[at::CLIENTS]) for at in range(CLIENTS)
        ]
        told = struck(shared, processes, at)
        for each in posting:
            each.result()
    assert told in {"done", "killed"}
    post_all(shared.url, at_the_moment)
    post_all(before.url, posts)
    for book in (shared, before):
        closing(book.url, processes).succeed()
        act(close, book.url, AFTERWARDS, ACCOUNTS_A_RANGE, processes).succeed()
        check(book, posts)
    for question in (NET, CACHES):
        assert answers(shared, question) == answers(before, question)
    for book in (shared, before):
        book.remove()


def answers(book: Book, question: str) -> list[tuple[object, ...]]:
    """The rows of a question."""
    with psycopg.connect(book.superuser_url) as connection:
        return connection.execute(question).fetchall()


def check(book: Book, posts: list[tuple[str, Document]]) -> None:
    """Every post is there once, debits are credits, and no account has anything left to post."""
    there = "select account_id, event_id from event where event_id in ('V1', 'Q1') order by 1"
    assert answers(book, there) == sorted((name, str(event["id"])) for name, event in posts)
    with closing_at_end(PostgresStore(book.url)) as store, store.unit_of_work() as work:
        totals = work.totals()
        keys = work.open_accounts()
        journal = work.posted(keys)
        for account in work.read(keys):
            change = refold(account, journal[account.account_id], AFTERWARDS, frame())
            assert change.journal == (), account.account_id
        assert not work.parked()
    assert sum(each.debit_minor - each.credit_minor for each in totals.values()) == 0
