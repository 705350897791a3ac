"""Lines of a file of payments: what each says, what became of it, and why one was rejected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from arrears.app.appending import RESERVED
from arrears.kernel.dates import parse_date
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import parse_minor
from arrears.servicing.events import WHOLE_MAX
from arrears.servicing.layout import EventType

if TYPE_CHECKING:
    from arrears.app.ports import Document
    from arrears.kernel.money import Currency

#: The columns a file must have, and those it may have.
NEEDED = ("account_id", "amount", "on", "channel", "ref")
OPTIONAL = ("type", "reverses", "seq")
REPAID, REVERSED = EventType.REPAID.name.lower(), EventType.REVERSED.name.lower()


class Line(NamedTuple):
    """One line as it stands in the file, a missing value empty."""

    number: int  #: of the line in a CSV file, of the row in Parquet; 1 for the first
    account_id: str
    amount: str  #: decimal; of a reversal empty, or what is reversed
    on: str
    channel: str
    ref: str  #: the channel's own number of the line
    type: str = ""  #: repaid where empty, or reversed
    reverses: str = ""  #: the id of the event that is reversed
    seq: str = ""
    beyond: str = ""  #: values for which the heading has no column

    @property
    def event_id(self) -> str:
        """The id of the event that a line becomes."""
        return f"{self.channel}/{self.ref}"

    @property
    def source(self) -> tuple[str, str]:
        """Channel and its own number of the line."""
        return self.channel, self.ref

    @property
    def kind(self) -> str:
        """The type of the event."""
        return self.type or REPAID


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedLine:
    """A line that was not posted, and why."""

    number: int
    field: str
    value: str
    code: str  #: of the error catalogue


@dataclass(slots=True, kw_only=True)
class PaymentsReport:
    """What became of every line of a file."""

    lines: int = 0
    recorded: int = 0
    already_recorded: int = 0
    in_suspense: int = 0
    rejects: list[RejectedLine] = field(default_factory=list)

    def reject(self, line: Line, name: str, code: str) -> None:
        """Keep why a line is not posted; `name` is the column to blame."""
        value = str(getattr(line, name, ""))
        self.rejects.append(RejectedLine(number=line.number, field=name, value=value, code=code))


def blame(error: ArrearsError) -> str:
    """The column of a line that an error is about."""
    if error.code == "event.before_opening":
        return "on"
    named = error.where.replace(",", " ").replace(".", " ").split()
    columns = {"value_on": "on", "id": "ref", **{name: name for name in NEEDED + OPTIONAL}}
    return next((columns[word] for word in reversed(named) if word in columns), "account_id")


def flaw(line: Line) -> tuple[str, str] | None:
    """Column and code of what makes a line unreadable by itself; None: nothing does."""
    if line.beyond:
        return "beyond", "tape.too_many_values"
    if line.kind not in {REPAID, REVERSED}:
        return "type", "tape.wrong_value"
    needed = NEEDED if line.kind == REPAID else ("account_id", "on", "channel", "ref", "reverses")
    for name in needed:
        if not getattr(line, name):
            return name, "tape.missing_value"
    if line.kind == REPAID and line.reverses:
        return "reverses", "tape.wrong_value"
    if line.channel in RESERVED:
        return "channel", "source.reserved"
    if line.seq and not is_place(line.seq):
        return "seq", "tape.wrong_value"
    return None


def is_place(seq: str) -> bool:
    """Whether a text is a place in an order: a whole number of at most so many digits."""
    is_whole = seq.isascii() and seq.isdigit() and len(seq) <= len(str(WHOLE_MAX))
    return is_whole and int(seq) <= WHOLE_MAX


def check_said(line: Line, currency: Currency) -> None:
    """Refuse a day or an amount that cannot be read; whether it fits the account is not asked.

    Raises:
        ArrearsError: `date.*`, `money.*`, `event.refused`.
    """
    parse_date(line.on, where="on")
    if line.kind == REPAID and not parse_minor(line.amount, currency, where="amount"):
        raise ArrearsError(
            "event.refused", where="amount", expected="an amount above 0", got=line.amount
        )


def event_of(line: Line) -> Document:
    """The event a line tells of, as `post` takes it."""
    given: Document = {"id": line.event_id, "on": line.on, "type": line.kind}
    if line.seq:
        given["seq"] = int(line.seq)
    if line.kind == REPAID:
        given["amount"] = line.amount
    else:
        given["reverses"] = line.reverses
    return given


def check_same(line: Line, recorded: Document) -> None:
    """A line that is recorded already says now what it said then.

    Args:
        line: Of the file.
        recorded: What its source was recorded as, as `Work.lines_taken` tells.

    Raises:
        ArrearsError: `payments.line_taken`.
    """
    receipt = str(recorded.get("receipt_id") or "")
    is_mine = recorded["account_id"] == line.account_id or receipt.startswith(f"{line.account_id}/")
    is_same = is_mine and (recorded["on"], recorded["type"]) == (line.on, line.kind)
    if line.kind == REPAID:
        is_same = is_same and plain(line.amount) == plain(str(recorded["amount"]))
    else:
        is_same = is_same and recorded["reverses"] == line.reverses
    if not is_same:
        raise ArrearsError(
            "payments.line_taken",
            where="ref",
            expected="a line that nobody recorded as something else",
            got=f"{line.channel} {line.ref}",
        )


def plain(amount: str) -> tuple[str, str]:
    """An amount's digits before and after the point, without zeros that say nothing."""
    whole, _, part = amount.partition(".")
    return whole.lstrip("0"), part.rstrip("0")
