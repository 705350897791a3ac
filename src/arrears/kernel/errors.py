"""Errors and bugs: an error says what, where, expected, got and how to mend; a bug stops the run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from arrears.kernel.error_catalogue import CATALOGUE

if TYPE_CHECKING:
    from arrears.kernel.error_catalogue import Entry


class ArrearsError(Exception):
    """An operating error: expected, named by a stable code, and mendable by whoever reads it.

    Args:
        code: A key of `CATALOGUE`; an unknown one is a bug.
        where: The thing and field the error is about, as in "loan L-0007, field term_months".
        expected: What would have been accepted.
        got: What came instead, as given.
        mend: How to mend it; the catalogue's own advice where empty.
    """

    def __init__(self, code: str, *, where: str, expected: str, got: str, mend: str = "") -> None:
        invariant(code in CATALOGUE, "errors.unknown_code", code=code)
        self.code = code
        self.where = where
        self.expected = expected
        self.got = got
        self.mend = mend or CATALOGUE[code].mend
        super().__init__(self.render())

    def __reduce__(self) -> tuple[partial[ArrearsError], tuple[()]]:
        """How it comes whole out of another process."""
        fields = {"where": self.where, "expected": self.expected, "got": self.got}
        return partial(ArrearsError, self.code, **fields, mend=self.mend), ()

    @property
    def entry(self) -> Entry:
        """The catalogue's line: what it means, exit code, HTTP status."""
        return CATALOGUE[self.code]

    def render(self) -> str:
        """The message a person reads: code and place, expected and got, how to mend."""
        return (
            f"{self.code}: {self.where}\n"
            f"  what      {self.entry.what}\n"
            f"  expected  {self.expected}, got {self.got}\n"
            f"  to mend   {self.mend}"
        )

    def as_document(self) -> dict[str, str]:
        """The message a program reads; one flat JSON object."""
        return {
            "code": self.code,
            "what": self.entry.what,
            "where": self.where,
            "expected": self.expected,
            "got": self.got,
            "mend": self.mend,
        }


class InvariantError(Exception):
    """A bug: something that must hold does not. Nothing was written; the run stops.

    Args:
        rule: The invariant's stable name, as in "ledger.unbalanced".
        facts: What was found, by name.
    """

    def __init__(self, rule: str, facts: dict[str, object]) -> None:
        self.rule = rule
        self.facts = facts
        told = ", ".join(f"{name}={value!r}" for name, value in facts.items())
        super().__init__(f"{rule} ({told})" if told else rule)

    def __reduce__(self) -> tuple[type[InvariantError], tuple[str, dict[str, object]]]:
        """How it comes whole out of another process."""
        return InvariantError, (self.rule, self.facts)


def invariant(holds: bool, rule: str, **facts: object) -> None:  # noqa: FBT001 - reads as a sentence
    """Stop if something that must hold does not; always on, for bugs alone.

    Raises:
        InvariantError: When `holds` is false.
    """
    if not holds:
        raise InvariantError(rule, facts)
