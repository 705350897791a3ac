"""Measures single repayments through the use case against plain SQL that commits the same rows."""

from __future__ import annotations

import multiprocessing
import statistics
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from arrears import bootstrap
from arrears.app.booking import Command, new_account
from arrears.app.ports import Counts
from arrears.app.posting import post
from arrears.app.refolding import refold
from arrears.servicing.layout import EVENT_COLUMNS
from arrears.servicing.matrix import INTEGER_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from arrears.adapters.postgres.store import PostgresStore
    from arrears.app.refolding import Frame

    #: Makes a client: called in a process of its own, returns what posts payment number so and so.
    Client = Callable[[], Callable[[int], None]]

RATIO_MIN = 0.4
CLIENTS = (1, 8, 32)
ACCOUNTS = 256
MONTHS = 12
#: Posts in all, shared by the clients; on one account each makes the next one's history longer.
SPREAD_POSTS, ONE_ACCOUNT_POSTS = 640, 192
RUNS = 3
#: A client that fails is not waited for longer.
SECONDS_MAX = 60
OPENED_ON = date(2025, 1, 5)
OPEN_ON = date(2026, 1, 20)
RECORDED_AT = datetime(2026, 1, 20, tzinfo=UTC)
#: What a repayment writes, by plain SQL: the same tables, as many rows.
FLOOR = """
insert into idempotency (caller, command, key, body_digest, answer)
values ('floor', 'post', %(key)s, %(digest)s, %(answer)s);

insert into source_reference (channel, source_ref, taken_by) values ('floor', %(key)s, 'event');

insert into event (slot, account_id, event_id, type, value_on, recorded_at, effective_seq, body,
                   channel, source_ref)
values (%(slot)s, %(account_id)s, %(key)s, 'repaid', %(on)s, %(recorded_at)s, 0, %(event)s,
        'floor', %(key)s);

insert into journal (slot, account_id, entry_id, seq, contract, instalment, component, kind, stage,
                     value_on, booked_on, debit_account, credit_account, amount_minor, currency,
                     policy)
select %(slot)s, %(account_id)s, %(key)s, seq, 0, 1, 0, 1, 0, %(on)s, %(on)s, 'clearing', 'loans',
       100, 'CNY', 1
from generate_series(1, %(rows)s) as seq;

update account_columns set events = events || %(columns)s
where slot = %(slot)s and account_id = %(account_id)s;

update account_state set version = version + 1, payoff_minor = payoff_minor - 1, next_action_on = %(on)s
where slot = %(slot)s and account_id = %(account_id)s
"""


def contract() -> dict[str, object]:
    """A loan of twelve months, its penalty as usual."""
    terms = {
        "principal": "12000.00",
        "disbursed_on": OPENED_ON.isoformat(),
        "annual_rate": "0.12",
        "method": "equal_instalment",
        "instalments": MONTHS,
        "every": 1,
        "unit": "months",
        "day_count": "actual/365",
        "rounding": "half_up",
    }
    penalty = {"mode": "replaces", "base": "principal", "uplift": "0.5", "compound": False}
    return {"terms": terms, "penalty": penalty, "cap_annual": "0.24"}


def mature_accounts(store: PostgresStore, frame: Frame) -> list[tuple[int, str]]:
    """Book loans of a year with a payment each month, something left of each; slot and id of each.

    The second half are for plain SQL: what it writes means nothing, and is never folded.
    """
    days = [date(2025 + (month // 12), month % 12 + 1, 5) for month in range(1, MONTHS + 1)]
    paid: list[dict[str, object]] = [
        {"id": f"P{at}", "on": on.isoformat(), "type": "repaid", "amount": "1000.00"}
        for at, on in enumerate(days, start=1)
    ]
    lent = {"id": "D1", "on": OPENED_ON.isoformat(), "type": "disbursed", "amount": "12000.00"}
    accounts = []
    for number in range(2 * ACCOUNTS):
        body: dict[str, object] = {
            "account_id": f"L-{number:04d}",
            "contract": contract(),
            "events": [lent, *paid],
        }
        accounts.append(
            new_account(body, borrower_id=f"B-{number}", product="", recorded_at=RECORDED_AT)
        )
    first = refold(accounts[0], [], OPEN_ON, frame)
    closed_on = date(OPEN_ON.year, OPEN_ON.month, OPEN_ON.day - 1)
    with store.unit_of_work() as work:
        work.add_accounts(accounts, RECORDED_AT)
        work.start_run("bench", closed_on, RECORDED_AT, len(accounts), [0])
        work.close_day(closed_on, "bench", Counts(), RECORDED_AT)
        # Equal accounts have equal journals: one fold serves them all.
        work.write(
            replace(
                first,
                account=each,
                journal=tuple(
                    replace(row, entry_id=f"{each.account_id}/first") for row in first.journal
                ),
            )
            for each in accounts
        )
    return [(each.slot, each.account_id) for each in accounts]


def poster(
    store: PostgresStore, frame: Frame, accounts: Sequence[tuple[int, str]], run: str
) -> Client:
    """Clients that post one repayment after another through the use case."""

    def client() -> Callable[[int], None]:
        def pay(number: int) -> None:
            event = {"id": f"{run}-{number}", "on": OPEN_ON.isoformat(), "type": "repaid"}
            body: dict[str, object] = {
                "account_id": accounts[number % len(accounts)][1],
                "event": {**event, "amount": "1.00"},
                "source": {"channel": "bank", "ref": f"{run}-{number}"},
            }
            command = Command(caller="bench", command="post", key=f"{run}-{number}", body=body)
            answer = post(store, command, recorded_at=RECORDED_AT, frame=frame)
            if answer["outcome"] != "recorded":
                raise SystemExit(str(answer))

        return pay

    return client


def floor(store: PostgresStore, accounts: Sequence[tuple[int, str]], run: str, rows: int) -> Client:
    """Clients that commit a repayment's rows by plain SQL, sent together."""
    event = Jsonb({"id": run, "on": "2026-01-20", "seq": 0, "type": "repaid", "amount": "1.00"})
    answer = Jsonb({"account_id": run, "event_id": run, "outcome": "recorded", "payoff": "1.00"})

    def client() -> Callable[[int], None]:
        connection = store.connected()
        connection.prepare_threshold = 0

        def pay(number: int) -> None:
            slot, account_id = accounts[number % len(accounts)]
            values: dict[str, Any] = {
                "slot": slot,
                "account_id": account_id,
                "key": f"floor-{run}-{number}",
                "digest": "0" * 64,
                "on": OPEN_ON,
                "recorded_at": RECORDED_AT,
                "event": event,
                "answer": answer,
                "rows": rows,
                "columns": bytes(INTEGER_BYTES * EVENT_COLUMNS),
            }
            with connection.pipeline(), connection.transaction():
                for statement in FLOOR.split(";"):
                    connection.execute(statement, values)

        return pay

    return client


def rate(client: Client, clients: int, posts: int) -> float:
    """Payments a second of so many processes at once, each with a connection of its own."""
    forked = multiprocessing.get_context("fork")
    ready, go = (forked.Barrier(clients + 1, timeout=SECONDS_MAX) for _ in range(2))

    def work(first: int) -> None:
        pay = client()
        pay(-first - 1)
        ready.wait()
        go.wait()
        for number in range(first, posts, clients):
            pay(number)

    processes = [forked.Process(target=work, args=(first,)) for first in range(clients)]
    for process in processes:
        process.start()
    ready.wait()
    begun = time.perf_counter()
    go.wait()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - begun
    if any(process.exitcode for process in processes):
        raise SystemExit("a client of the posting benchmark failed")
    return posts / seconds


def measure() -> list[dict[str, object]]:
    """The rows of the bench table that concern single repayments."""
    found: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        try:
            with closing(bootstrap.fresh_store(home)) as store:
                found = measure_on(store)
        finally:
            bootstrap.stop_embedded(home)
    return found


def measure_on(store: PostgresStore) -> list[dict[str, object]]:
    """Every number of clients, on accounts of their own and all on one."""
    frame = bootstrap.frame()
    keys = mature_accounts(store, frame)
    before = journal_rows_of(store)
    pay = poster(store, frame, keys, "first")()
    pay(0)
    rows = journal_rows_of(store) - before
    store.close()
    found = []
    for where, posts in (("", SPREAD_POSTS), (", all on one account", ONE_ACCOUNT_POSTS)):
        for clients in CLIENTS:
            ours, plain = [], []
            for run in range(RUNS):
                name = f"{clients}-{run}{where}"
                only = (clients + run) % ACCOUNTS
                part = keys[only : only + 1] if where else keys[:ACCOUNTS]
                ours.append(rate(poster(store, frame, part, name), clients, posts))
                part = keys[ACCOUNTS : ACCOUNTS + 1] if where else keys[ACCOUNTS:]
                plain.append(rate(floor(store, part, name, rows), clients, posts))
            ratio = statistics.median(ours) / statistics.median(plain)
            found.append(
                {
                    "name": f"a repayment, durable, {clients} clients{where}, to plain SQL",
                    "value": round(ratio, 2),
                    "bar": f">= {RATIO_MIN}",
                    "holds": ratio >= RATIO_MIN,
                    "detail": f"{statistics.median(ours):.0f} a second; plain SQL of the same"
                    f" rows {statistics.median(plain):.0f}; {rows} journal rows each",
                }
            )
    return found


def journal_rows_of(store: PostgresStore) -> int:
    """How many rows the journal has."""
    with store.unit_of_work() as work:
        counted = work.connection.execute("select count(*) as rows from journal").fetchone()
    return int(counted["rows"]) if counted else 0


if __name__ == "__main__":
    for row in measure():
        print(row)
