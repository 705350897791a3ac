"""Seals find any byte changed, any row gone or added, any broken chain, and say what they cannot."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.errors import InvariantError
from arrears.ledger.canonical import canonical_row
from arrears.ledger.merkle import merkle_root
from arrears.ledger.seals import (
    Finding,
    FindingKind,
    Limit,
    SealBatch,
    SealedRow,
    Verification,
    seal_batch,
    verify_batches,
)

Book = dict[int, list[SealedRow]]

RECORDED_AT = datetime(2026, 1, 31, 16, 0, 0, 1, tzinfo=UTC)


def journal_bytes(number: int, amount_minor: int = 1237) -> bytes:
    columns = {
        "slot": 17,
        "account_id": "A-1",
        "entry_id": f"E-{number}",
        "seq": 1,
        "debit_account": "clearing",
        "credit_account": "loans_normal",
        "amount_minor": amount_minor,
        "currency": "CNY",
        "value_on": date(2026, 1, 5),
        "booked_on": date(2026, 1, 31),
        "contract": 0,
        "instalment": 1,
        "component": 0,
        "kind": 6,
        "stage": 0,
        "policy_digest": "d1",
        "recorded_at": RECORDED_AT,
    }
    return canonical_row("journal", columns)


def sealed_row(number: int, amount_minor: int = 1237) -> SealedRow:
    return SealedRow(f"E-{number} row 1", journal_bytes(number, amount_minor))


def sealed_book(sizes: list[int]) -> tuple[list[SealBatch], Book]:
    batches: list[SealBatch] = []
    book: Book = {}
    first = 0
    for number, size in enumerate(sizes, start=1):
        book[number] = [sealed_row(first + at) for at in range(size)]
        first += size
        previous = batches[-1] if batches else None
        batches.append(seal_batch(book[number], number=number, table="journal", previous=previous))
    return batches, book


def verified(
    batches: list[SealBatch], book: Book, roots: dict[int, bytes] | None = None
) -> Verification:
    return verify_batches(batches, lambda batch: book[batch.number], roots or {})


def without_leaves(batches: list[SealBatch]) -> list[SealBatch]:
    return [replace(batch, leaf_hashes=b"") for batch in batches]


found = partial(Finding, table="journal")

sizes_of_batches = st.lists(st.integers(1, 6), min_size=1, max_size=4)


@given(sizes=sizes_of_batches)
def test_what_nobody_touched_is_clean(sizes: list[int]) -> None:
    """An untouched book has no findings, with and without leaf hashes, against its own roots."""
    batches, book = sealed_book(sizes)
    roots = {batch.number: batch.chained_root for batch in batches}
    for kept in (batches, without_leaves(batches)):
        outcome = verified(kept, book, roots)
        assert outcome.is_clean
        assert (outcome.batches, outcome.rows) == (len(sizes), sum(sizes))


@given(sizes=sizes_of_batches, data=st.data())
def test_any_flipped_bit_names_its_batch_and_row(sizes: list[int], data: st.DataObject) -> None:
    """One bit of one byte of one row: exactly one finding, and it names batch and row.

    Without leaf hashes it names the batch and says that the row cannot be told.
    """
    batches, book = sealed_book(sizes)
    number = data.draw(st.integers(1, len(sizes)))
    at = data.draw(st.integers(0, sizes[number - 1] - 1))
    row = book[number][at]
    content = bytearray(row.content)
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    book[number][at] = SealedRow(row.row_id, bytes(content))
    assert verified(batches, book).findings == (
        found(kind=FindingKind.ROW_CHANGED, batch=number, row=row.row_id),
    )
    (finding,) = verified(without_leaves(batches), book).findings
    assert (finding.kind, finding.batch) == (FindingKind.CONTENT_DIFFERS, number)
    assert "cannot be told" in finding.words()


@given(sizes=sizes_of_batches, data=st.data())
def test_a_row_gone_or_added_is_named(sizes: list[int], data: st.DataObject) -> None:
    """A deleted row is told by its place between its neighbours, an inserted one by its name."""
    batches, book = sealed_book(sizes)
    number = data.draw(st.integers(1, len(sizes)))
    at = data.draw(st.integers(0, sizes[number - 1] - 1))
    whole = book[number]
    book[number] = [*whole[:at], *whole[at + 1 :]]
    before = whole[at - 1].row_id if at else "the start"
    after = whole[at + 1].row_id if at + 1 < len(whole) else "the end"
    told = f"row {at + 1} of {len(whole)}, between {before} and {after}"
    assert verified(batches, book).findings == (
        found(kind=FindingKind.ROW_MISSING, batch=number, row=told),
    )
    book[number] = [*whole[:at], sealed_row(999), *whole[at:]]
    assert verified(batches, book).findings == (
        found(kind=FindingKind.ROW_ADDED, batch=number, row="E-999 row 1"),
    )


def test_a_batch_without_any_row_left_is_found() -> None:
    """All rows of a batch deleted: each is missing, none is passed over."""
    batches, book = sealed_book([2, 2])
    book[2] = []
    outcome = verified(batches, book)
    assert [finding.kind for finding in outcome.findings] == [FindingKind.ROW_MISSING] * 2
    assert verified(without_leaves(batches), book).findings[0].row.endswith("(2 sealed, 0 there)")


@pytest.mark.parametrize(
    "change",
    [
        {"table": "event"},
        {"leaves": 3},
        {"first_row": "E-7 row 1"},
        {"last_row": "E-7 row 1"},
        {"chained_root": bytes(32)},
    ],
)
def test_a_changed_header_breaks_the_chain(change: dict[str, object]) -> None:
    """Whatever of a batch's header is changed, the chain says so at that batch or the next."""
    batches, book = sealed_book([2, 2, 2])
    batches[1] = replace(batches[1], **change)
    outcome = verified(batches, book)
    assert {finding.kind for finding in outcome.findings} == {FindingKind.CHAIN_BROKEN}
    assert outcome.findings[0].batch == 2


def test_a_root_rewritten_with_its_rows_breaks_the_chain() -> None:
    """Rows, leaf hashes and root rewritten together still do not fit the chain."""
    batches, book = sealed_book([2, 2, 2])
    book[2][0] = sealed_row(2, amount_minor=1)
    forged = seal_batch(book[2], number=2, table="journal", previous=batches[0])
    batches[1] = replace(forged, chained_root=batches[1].chained_root)
    assert verified(batches, book).findings == (
        found(kind=FindingKind.CHAIN_BROKEN, batch=2, row=""),
    )


def test_leaf_hashes_that_do_not_fit_the_root_are_not_believed() -> None:
    """Leaf hashes changed to excuse a changed row are found, and no row is named by them."""
    batches, book = sealed_book([2])
    book[1][0] = sealed_row(0, amount_minor=1)
    forged = seal_batch(book[1], number=1, table="journal", previous=None)
    batches[0] = replace(batches[0], leaf_hashes=forged.leaf_hashes)
    kinds = [finding.kind for finding in verified(batches, book).findings]
    assert kinds == [FindingKind.LEAF_HASHES_DIFFER, FindingKind.CONTENT_DIFFERS]


def test_batches_that_are_gone_are_found() -> None:
    """A gap shows by itself; a cut-off end only against a root kept elsewhere."""
    batches, book = sealed_book([1, 1, 1, 1, 1])
    gap = verified([batches[0], batches[3], batches[4]], book)
    assert [finding.words() for finding in gap.findings] == [
        "batch 2: the batch is not there, nor any up to batch 3"
    ]
    assert verified(batches[:4], book).is_clean
    cut = verified(batches[:4], book, {5: batches[4].chained_root})
    assert [finding.words() for finding in cut.findings] == ["batch 5: the batch is not there"]


def test_a_number_that_comes_twice_breaks_the_chain() -> None:
    """A second batch under a number already read cannot slip in beside the chain."""
    batches, book = sealed_book([1, 1])
    forged = seal_batch([sealed_row(50)], number=1, table="journal", previous=None)
    outcome = verify_batches(
        [*batches, forged],
        lambda batch: [sealed_row(50)] if batch is forged else book[batch.number],
        {},
    )
    assert [finding.kind for finding in outcome.findings] == [FindingKind.CHAIN_BROKEN]


def test_only_roots_kept_elsewhere_find_a_whole_forgery() -> None:
    """Everything rewritten from batch 2 on is consistent; one outside root, even a later one, tells.

    Without that root the outcome is clean, and says in words why that proves little.
    """
    batches, book = sealed_book([2, 2, 2])
    kept_elsewhere = {3: batches[2].chained_root}
    book[2][0] = sealed_row(2, amount_minor=1)
    second = seal_batch(book[2], number=2, table="journal", previous=batches[0])
    third = seal_batch(book[3], number=3, table="journal", previous=second)
    forged = [batches[0], second, third]
    alone = verified(forged, book)
    assert alone.is_clean
    assert alone.unproved[0].limit is Limit.NO_ROOTS_ELSEWHERE
    assert "this check would not see it" in alone.unproved[0].words()
    assert verified(forged, book, kept_elsewhere).findings == (
        found(kind=FindingKind.ROOT_DIFFERS, batch=3, row=""),
    )


def test_the_outcome_says_what_it_does_not_prove() -> None:
    """Roots that end early, rows not yet sealed, and truth itself: each is said, with its number."""
    batches, book = sealed_book([1, 1])
    outcome = verify_batches(
        batches,
        lambda batch: book[batch.number],
        {1: batches[0].chained_root},
        unsealed_rows=3,
    )
    assert [item.words() for item in outcome.unproved] == [
        (
            "The roots kept elsewhere end at batch 1. Later batches agree with each other, but whoever "
            "controls the database could have rewritten or cut off those."
        ),
        "3 rows are not sealed yet; nothing is proved about them.",
        "A seal proves that rows are as they were when they were sealed, not that they were true.",
    ]


def test_a_finding_reads_as_a_sentence() -> None:
    """Batch, table and row stand in it."""
    batches, book = sealed_book([2])
    book[1][1] = sealed_row(1, amount_minor=1)
    (finding,) = verified(batches, book).findings
    assert finding.words() == "batch 1 (journal): E-1 row 1 is not what was sealed"


def test_sealing_nothing_or_out_of_turn_is_a_bug() -> None:
    """A batch has at least one row and the next number."""
    with pytest.raises(InvariantError, match=r"seals\.empty_batch"):
        seal_batch([], number=1, table="journal", previous=None)
    with pytest.raises(InvariantError, match=r"seals\.number"):
        seal_batch([sealed_row(1)], number=2, table="journal", previous=None)


def test_canonical_bytes_are_these() -> None:
    """A journal row and an event row spelled out: a change of spelling would break every old seal."""
    assert journal_bytes(1) == (
        b'{"row":{"account_id":"A-1","amount_minor":1237,"booked_on":"2026-01-31","component":0,'
        b'"contract":0,"credit_account":"loans_normal","currency":"CNY","debit_account":"clearing",'
        b'"entry_id":"E-1","instalment":1,"kind":6,"policy_digest":"d1",'
        b'"recorded_at":"2026-01-31T16:00:00.000001+00:00","seq":1,"slot":17,"stage":0,'
        b'"value_on":"2026-01-05"},"table":"journal"}'
    )
    event = {
        "slot": 17,
        "account_id": "A-1",
        "event_id": "V-1",
        "type": "repaid",
        "value_on": date(2026, 1, 5),
        "recorded_at": RECORDED_AT,
        "effective_seq": 3,
        "body": {"rows": [{"seq": 1, "due": "12.37"}], "note": "利息", "amount": "100.00"},
        "channel": None,
        "source_ref": "T-9",
    }
    assert canonical_row("event", event) == (
        b'{"row":{"account_id":"A-1","body":{"amount":"100.00","note":"\\u5229\\u606f",'
        b'"rows":[{"due":"12.37","seq":1}]},"channel":null,"effective_seq":3,"event_id":"V-1",'
        b'"recorded_at":"2026-01-31T16:00:00.000001+00:00","slot":17,"source_ref":"T-9",'
        b'"type":"repaid","value_on":"2026-01-05"},"table":"event"}'
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    first=st.dictionaries(st.text(), json_values), second=st.dictionaries(st.text(), json_values)
)
def test_different_rows_have_different_bytes(
    first: dict[str, object], second: dict[str, object]
) -> None:
    """Bytes read back give the row, so two rows share bytes only if they are the same row."""
    assert json.loads(canonical_row("event", first)) == {"table": "event", "row": first}
    same = json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
    assert (canonical_row("event", first) == canonical_row("event", second)) is same


def test_one_instant_has_one_spelling() -> None:
    """The same instant in two zones gives the same bytes, as does a mapping in another order."""
    east = RECORDED_AT.astimezone(timezone(timedelta(hours=8)))
    assert canonical_row("event", {"a": east, "b": 1}) == canonical_row(
        "event", {"b": 1, "a": RECORDED_AT}
    )


@pytest.mark.parametrize(
    "value", [1.5, RECORDED_AT.replace(tzinfo=None), {1: "x"}, b"x", [{"y": 0.1}]]
)
def test_values_with_several_spellings_are_refused(value: object) -> None:
    """Fractions, naive instants, names that are no text and raw bytes never enter a seal."""
    with pytest.raises(InvariantError, match=r"seals\.not_canonical"):
        canonical_row("event", {"field": value})


def test_a_stored_root_that_was_changed_is_found() -> None:
    """A root that is not its rows' root is told by the chain and by the rows."""
    batches, book = sealed_book([2])
    batches[0] = replace(batches[0], root=merkle_root([bytes(32)]))
    kinds = {finding.kind for finding in verified(batches, book).findings}
    assert {FindingKind.CHAIN_BROKEN, FindingKind.LEAF_HASHES_DIFFER} <= kinds
