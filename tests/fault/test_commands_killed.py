"""Other long commands are killed half way: the parked tried again, a file of payments, an export."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import csv
from itertools import count
from typing import TYPE_CHECKING

import psycopg
import pytest
from book import IS_FULL, same
from closer import export, pay, retry
from wire import Side

from arrears import bootstrap
from arrears.app.portfolio import chance

if TYPE_CHECKING:
    from pathlib import Path

    from book import Book

SEEDS = 20 if IS_FULL else 1
SIDES = list(Side)
#: Writes a payment's amount that cannot be read, past all triggers, and lets documents be read for it.
DAMAGE = """
set session_replication_role = replica;
update account_columns set layout = 'other' where account_id like 'L-0001%';
update event set body = jsonb_set(body, '{amount}', to_jsonb('-' || (body ->> 'amount')))
where account_id like 'L-0001%' and type = 'disbursed';
"""
MEND = """
set session_replication_role = replica;
update event set body = jsonb_set(body, '{amount}', to_jsonb(substr(body ->> 'amount', 2)))
where account_id like 'L-0001%' and type = 'disbursed';
"""


def change(book: Book, statements: str) -> None:
    """Change what nobody may change, as a disk or an administrator could."""
    with psycopg.connect(book.superuser_url) as superuser:
        superuser.execute(statements)


def test_the_parked_are_tried_again_and_killed(untouched, closing, act, struck_down) -> None:
    """Accounts that a close set aside are mended and tried again, killed at one commit after the other.

    Each is taken back once: the book is the one in which nobody was killed.
    """
    book = untouched.copy()
    change(book, DAMAGE)
    closing(book.url).succeed()
    assert [row for row in book.rows()["parked"] if "L-0001" in row]
    change(book, MEND)
    calm = book.copy()
    act(retry, calm.url).succeed()
    told: list[str] = []
    while "done" not in told:
        here = (2, SIDES[len(told) % 3])  # the first is of reading who is parked
        told += [
            struck_down(
                book,
                lambda url: act(retry, url),
                lambda at, here=here: (at.commit, at.side) == here,
            )
        ]
    assert set(told[:-1]) == {"killed"}
    assert len(told) > 10
    same(book.rows(), calm.rows())
    act(retry, book.url).succeed()
    same(book.rows(), calm.rows())


def file_of_payments(path: Path, book: Book, seed: int) -> Path:
    """A payment for every open account, some twice, some late, one line that cannot be read."""
    with psycopg.connect(book.superuser_url) as connection:
        names = [
            row[0]
            for row in connection.execute(
                "select account_id from account_state where status = 'active' order by 1"
            ).fetchall()
        ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(["account_id", "amount", "on", "channel", "ref"])
        for number, name in enumerate(names):
            day = 1 + chance(f"{seed}/{name}", "day", 27)
            for again in range(1 + (chance(f"{seed}/{name}", "twice", 3) == 0)):
                amount = f"{10 + chance(name, 'amount', 900)}.{chance(name, 'fen', 100):02d}"
                lines.writerow([name, amount, f"2026-02-{day:02d}", "bank", f"{number}-{again}"])
        lines.writerow([names[0], "all of it", "2026-02-27", "bank", "broken"])
    return path


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_file_of_payments_is_killed_half_way(
    seed, untouched, act, struck_down, tmp_path: Path
) -> None:
    """Killed at one commit after the other and run again: every line once, each account as it should be."""
    book, calm = untouched.copy(), untouched.copy()
    file = file_of_payments(tmp_path / "payments.csv", book, seed)
    act(pay, calm.url, file).succeed()
    told: list[str] = []
    while "done" not in told:
        # Chunks that are done are looked at again, so every run comes one commit further.
        here = (1 + len(told), SIDES[(seed + len(told)) % 3])
        told += [
            struck_down(
                book,
                lambda url: act(pay, url, file),
                lambda at, here=here: (at.commit, at.side) == here,
            )
        ]
    assert set(told[:-1]) == {"killed"}
    assert len(told) > 4
    act(pay, book.url, file).succeed()
    same(book.rows(), calm.rows())
    for each in (book, calm):
        each.remove()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_an_export_is_killed_half_way(seed, untouched, act, struck_down, tmp_path: Path) -> None:
    """Killed at three requests: the folder holds no export; run again, it holds what a calm one writes."""
    act(export, untouched.url, tmp_path / "calm").succeed()
    calm = bootstrap.export_folder(tmp_path / "calm").manifest()
    assert calm
    here = tmp_path / "killed"
    for again in count():
        number = 1 + chance(f"export {seed}", f"request {again}", 60)
        side = SIDES[chance(f"export {seed}", f"side {again}", 3)]
        told = struck_down(
            untouched,
            lambda url: act(export, url, here),
            lambda at, when=(number, side): (at.number, at.side) == when,
        )
        if told == "killed":
            assert bootstrap.export_folder(here).manifest() is None
        if told == "done" or again >= 2:
            break
    if told != "done":
        act(export, untouched.url, here).succeed()
    done = bootstrap.export_folder(here).manifest()
    assert done
    assert done.files == calm.files
    assert list(here.rglob("*.unfinished")) == []
