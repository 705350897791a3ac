"""What a borrower may ask of a line, by commands: what is left of it, instalments, a month more."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import json

import pytest

CONTRACT = {
    "kind": "line",
    "terms": {"principal": "5000", "disbursed_on": "2026-01-01", "annual_rate": "0.1825",
              "day_count": "actual/365"},
    "line": {"limit": "5000", "statement_day": 1, "due_day": 10, "minimum_share": "0.1"},
    "penalty": {"daily_rate": "0.0005"},
    "cap_annual": "0.24",
}  # fmt: skip


@pytest.fixture
def billed(arrears):  # noqa: ANN201 - a function
    """A line with 1,000.00 billed on 1 February, due on the 10th; ask things of it."""

    def ask(*words: str, code: int = 0, **body: object) -> dict[str, object]:
        found, told = arrears(*words, stdin=body or None)
        assert found == code, told
        return json.loads(told) if found == 0 else {}

    ask("book", account_id="H-1", borrower_id="B-1", contract=CONTRACT, events=[])
    ask("post", account_id="H-1", event=buys("B1", "2026-01-15", "1000.00"))
    arrears("close", "--to", "2026-02-01", "--interpreted")
    return ask


def buys(name: str, on: str, amount: str) -> dict[str, str]:
    """Something bought."""
    return {"id": name, "on": on, "type": "purchased", "amount": amount}


def test_what_is_used_of_a_line_and_what_is_left(billed) -> None:
    """Of 5,000.00 there are 4,000.00 left; the bill is listed; a repayment gives room again."""
    shown = billed("line", "show", "H-1")
    assert (shown["used"], shown["available"]) == ("1000.00", "4000.00")
    bill = {
        "closes_on": "2026-02-01",
        "due_on": "2026-02-10",
        "minimum": "100.00",
        "total": "1000.00",
    }
    assert shown["statements"] == [bill]
    paid = {"id": "R1", "on": "2026-02-05", "type": "repaid", "amount": "400.00"}
    billed("post", account_id="H-1", event=paid)
    assert billed("line", "show", "H-1", "--on", "2026-02-05")["available"] == "4400.00"


def test_no_more_is_bought_than_the_limit(billed) -> None:
    """A purchase of 4,000.01 is refused, one of 4,000.00 is not; the line shows which."""
    billed("post", code=3, account_id="H-1", event=buys("B2", "2026-02-03", "4000.01"))
    billed("post", account_id="H-1", event=buys("B3", "2026-02-03", "4000.00"))
    assert billed("line", "show", "H-1", "--on", "2026-02-03")["available"] == "0.00"


def test_a_bill_becomes_instalments(billed, arrears, new_database) -> None:
    """900.00 of the bill over three months at 2.5 %: 307.50 a month; 100.00 stay to be paid.

    The next statement bills nothing of it, and the instalments fall due on the line's due days.
    """
    asked = {"account_id": "H-1", "event_id": "V1", "on": "2026-02-05", "amount": "900.00"}
    made = billed("line", "convert", **asked, instalments=3, fee_rate="0.025")
    assert [(row["due_on"], row["principal"], row["total"]) for row in made["rows"]] == [
        ("2026-03-10", "300.00", "307.50"),
        ("2026-04-10", "300.00", "307.50"),
        ("2026-05-10", "300.00", "307.50"),
    ]
    again = billed("line", "convert", **asked, instalments=3, fee_rate="0.025")
    assert again == made
    paid = {"id": "R1", "on": "2026-02-10", "type": "repaid", "amount": "100.00"}
    billed("post", account_id="H-1", event=paid)
    arrears("close", "--to", "2026-03-10", "--interpreted")
    assert len(billed("line", "show", "H-1")["statements"]) == 1
    with new_database.store().unit_of_work() as work:
        collected = work.messages("collect_by_standing_order", "2026-03-10")
    assert [body["amount_minor"] for _, body in collected] == [307_50]


def test_purchases_become_instalments_before_they_are_billed(billed) -> None:
    """What was bought after the bill is spread by itself, all of it where no amount is named."""
    billed("post", account_id="H-1", event=buys("B2", "2026-02-03", "600.00"))
    asked = {"account_id": "H-1", "event_id": "V1", "on": "2026-02-04", "what": "purchase"}
    made = billed("line", "convert", **asked, instalments=2)
    assert [row["principal"] for row in made["rows"]] == ["300.00", "300.00"]
    assert billed("line", "show", "H-1", "--on", "2026-02-04")["unbilled"] == "0.00"


def test_a_conversion_costs_no_more_than_the_cap(billed) -> None:
    """At 6 % for three months the annualised cost is above 24 %; more than the bill is refused too."""
    asked = {"account_id": "H-1", "event_id": "V1", "on": "2026-02-05", "instalments": 3}
    billed("line", "convert", code=3, **asked, fee_rate="0.06")
    billed("line", "convert", code=3, **asked, amount="1000.01")
    assert billed("line", "show", "H-1")["used"] == "1000.00"


def test_a_bill_put_off_is_due_a_month_later(billed, arrears) -> None:
    """Put off on 5 February, the bill is not overdue on 9 March, and is on the 11th."""
    made = billed("line", "defer", account_id="H-1", event_id="V1", on="2026-02-05")
    assert [(row["due_on"], row["principal"]) for row in made["rows"]] == [
        ("2026-03-10", "100.00"), ("2026-03-10", "900.00"),
    ]  # fmt: skip
    arrears("close", "--to", "2026-02-28", "--interpreted")
    assert billed("line", "show", "H-1")["payoff"] == "1000.00"
    arrears("close", "--to", "2026-03-12", "--interpreted")
    billed("line", "defer", code=3, account_id="H-1", event_id="V2", on="2026-03-12")
