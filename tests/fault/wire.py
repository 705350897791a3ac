"""A wire between a close and its database: it counts what passes, and calls out at every moment.

PostgreSQL's protocol is a row of messages, each with a letter and a length. Standing between both
ends, a test sees each request before the server has it, after the server has it, and each answer
before whoever asked has it: the three sides of every commit, without a hook in the product.
"""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import TYPE_CHECKING
from urllib.parse import quote

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable

    from arrears.adapters.postgres.embedded import EmbeddedServer

#: Of a message: its letter and its length, which counts itself and not the letter.
HEAD = struct.Struct("!cI")
#: A linger of no time: closing sends a reset, as a machine does that was switched off and on.
RESET = struct.pack("ii", 1, 0)
SQL_IN = {
    b"Q": 0,
    b"P": 1,
}  #: letters of requests that carry SQL, and how many names stand before it


@unique
class Side(Enum):
    """Where a request is at a moment."""

    ASKED = "asked"  #: the server does not have it yet
    SENT = "sent"  #: the server has it, nobody waited for the answer
    ANSWERED = "answered"  #: the server has answered, whoever asked does not know yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One moment of one request."""

    side: Side
    number: int  #: of the request, over all connections, from 1
    commit: int  #: which commit it is, over all connections, from 1; 0: none
    sql: str  #: the first words of the statement it is part of
    client: int  #: the process that asked


class CutError(Exception):
    """Raised by who is called at a moment: both ends lose this connection, by a reset."""


@dataclass(slots=True)
class _Link:
    """One connection and what passes on it."""

    client: socket.socket
    server: socket.socket
    pid: int
    sql: str = ""  #: of the statement that is being asked
    commit: int = 0  #: which commit that is; 0: none
    asked: list[tuple[int, int, str]] = field(default_factory=list)  #: requests without an answer

    def cut(self) -> None:
        """Reset both ends; reading is shut first, so that nobody goes on waiting there."""
        for end in (self.client, self.server):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            with suppress(OSError):
                end.shutdown(socket.SHUT_RD)
            end.close()


class Wire:
    """A listener on 127.0.0.1 that passes everything on to an embedded server."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.path = str(server.socket_directory / ".s.PGSQL.5432")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.call: Callable[[Moment], None] | None = None
        self.requests = self.commits = 0
        self.lock = threading.Lock()
        self.links: list[_Link] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def url(self, user: str, database: str) -> str:
        """The connection string through the wire."""
        port = self.listener.getsockname()[1]
        return (
            f"postgresql://{quote(user)}@127.0.0.1:{port}/{quote(database)}"
            "?sslmode=disable&gssencmode=disable"
        )

    def watch(self, call: Callable[[Moment], None] | None) -> None:
        """Count from nothing again, and call at every moment from now on; None: nobody."""
        with self.lock:
            self.requests = self.commits = 0
            self.call = call

    def cut_all(self) -> None:
        """Reset every connection."""
        for link in self.links:
            link.cut()
        self.links.clear()

    def close(self) -> None:
        """Listen no longer; what is connected is cut."""
        self.listener.close()
        self.cut_all()

    def _listen(self) -> None:
        while True:
            try:
                client, address = self.listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server = socket.socket(socket.AF_UNIX)
            link = _Link(client, server, pid_at(address[1]))
            try:
                server.connect(self.path)
            except OSError:
                link.cut()
                continue
            self.links.append(link)
            for way in (self._up, self._down):
                threading.Thread(target=self._carry, args=(way, link), daemon=True).start()

    @staticmethod
    def _carry(way: Callable[[_Link], None], link: _Link) -> None:
        """Carry one way until an end is gone; then both are."""
        try:
            with suppress(OSError, EOFError, CutError):
                way(link)
        finally:
            link.cut()

    def _up(self, link: _Link) -> None:
        """From who asks to the server: the first message has no letter."""
        length = read(link.client, 4)
        link.server.sendall(length + read(link.client, struct.unpack("!I", length)[0] - 4))
        while True:
            head = read(link.client, HEAD.size)
            letter, size = HEAD.unpack(head)
            body = read(link.client, size - 4)
            if letter in {b"d", b"X"}:  # rows of a COPY, and a farewell
                link.server.sendall(head + body)
                continue
            with self.lock:
                self.requests += 1
                if letter in SQL_IN:
                    link.sql = words_of(letter, body)
                    is_commit = link.sql.upper().startswith(("COMMIT", "END"))
                    self.commits += is_commit
                    link.commit = self.commits if is_commit else 0
                asked = (self.requests, link.commit, link.sql)
            self._tell(link, Side.ASKED, asked)
            if letter in {b"Q", b"S", b"c", b"f"}:  # whatever is answered by "ready"
                link.asked.append(asked)
            link.server.sendall(head + body)
            self._tell(link, Side.SENT, asked)

    def _down(self, link: _Link) -> None:
        """From the server to who asked."""
        while True:
            head = read(link.server, HEAD.size)
            letter, size = HEAD.unpack(head)
            body = read(link.server, size - 4)
            if letter == b"Z" and link.asked:
                asked = link.asked[-1]
                link.asked.clear()
                self._tell(link, Side.ANSWERED, asked)
            link.client.sendall(head + body)

    def _tell(self, link: _Link, side: Side, asked: tuple[int, int, str]) -> None:
        if self.call is not None:
            number, commit, sql = asked
            self.call(Moment(side=side, number=number, commit=commit, sql=sql, client=link.pid))


def read(end: socket.socket, size: int) -> bytes:
    """So many bytes, or the end."""
    found = end.recv(size, socket.MSG_WAITALL) if size else b""
    if len(found) < size:
        raise EOFError
    return found


def words_of(letter: bytes, body: bytes) -> str:
    """The first words of the SQL that a request carries."""
    if letter not in SQL_IN:
        return ""
    return body.split(b"\0")[SQL_IN[letter]][:200].decode(errors="replace")


def pid_at(port: int) -> int:
    """The process whose connection comes from a port of this machine; 0: it is gone."""
    for each in psutil.net_connections("tcp4"):
        if each.laddr and each.laddr.port == port and each.raddr and each.pid:
            return int(each.pid)
    return 0
