"""The console: the same conversation in a terminal, or through a pipe, where it speaks plainly."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot import reception, talk
from bot.app import App
from bot.channels.door import Answer, Door
from bot.channels.message import File, Inbound
from bot.channels.receipts import grouped, receipt_of
from bot.channels.sentences import sentence, spelled, why_refused
from intake.errors import IntakeError
from intake.report import Receipt

CHANNEL = "console"
FILE = "/file"
QUIT = frozenset({"/quit", "/exit"})
MB = 1024 * 1024
# Where a number is asked for, a number typed is the answer and not the place of a choice.
NUMBERS = frozenset({"amount", "loss", "officers", "people", "phone", "query_code", "visits"})


def run(
    app: App,
    *,
    door: Door = talk,
    screen: Console | None = None,
    keys: TextIO | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Talk until the person ends it, by Ctrl-D or Ctrl-C."""
    _Terminal(app, door, screen or Console(highlight=False), keys or sys.stdin, now).run()


class _Refused(Exception):
    """What was typed cannot be done; the message is the sentence for the person."""


class _Terminal:
    """One sitting; the person is known again by the name under which he uses this machine."""

    def __init__(
        self,
        app: App,
        door: Door,
        screen: Console,
        keys: TextIO,
        now: Callable[[], datetime],
    ) -> None:
        self._app = app
        self._door = door
        self._screen = screen
        self._keys = keys
        self._now = now
        self._sender = getpass.getuser()
        self._choices: tuple[str, ...] = ()
        self._files: tuple[File, ...] = ()
        self._plain = not (screen.is_terminal and keys.isatty())

    def run(self) -> None:
        try:
            self._show(self._door.begin(self._app, CHANNEL, self._sender, self._now()))
            self._say(sentence("console.help"), style="dim")
            while (line := self._read()) is not None and line.strip().lower() not in QUIT:
                self._hear(line)
        except KeyboardInterrupt:
            self._screen.print()
        self._say(sentence("console.goodbye"), style="dim")

    def _read(self) -> str | None:
        """One line; None at the end of the input."""
        if self._plain:
            line = self._keys.readline()
            return line.rstrip("\n") if line else None
        try:
            return self._screen.input(Text(f"\n{sentence('console.you')} › ", style="bold green"), markup=False)
        except EOFError:
            self._screen.print()
            return None

    def _hear(self, line: str) -> None:
        try:
            if line.split(maxsplit=1)[:1] == [FILE]:
                self._attach(line.strip()[len(FILE) :].strip())
                text = ""
            else:
                text = self._chosen(line)
        except _Refused as refused:
            self._say(str(refused), style="yellow")
            return
        self._converse(Inbound(CHANNEL, self._sender, uuid4().hex, text, self._now(), self._files))

    def _converse(self, inbound: Inbound) -> None:
        try:
            if self._plain:
                answer = self._door.converse(self._app, inbound)
            else:
                with self._screen.status(sentence("console.working")):
                    answer = self._door.converse(self._app, inbound)
        except IntakeError:
            # The files stay in hand: they come with whatever is said next.
            self._say(sentence("console.failed"), style="red")
            return
        self._files = ()
        self._show(answer)

    def _chosen(self, line: str) -> str:
        """A number stands for the choice that bears it; everything else is words."""
        number = line.strip()
        if not self._choices or not number.isdecimal() or len(number) > 2:
            return line
        if not 1 <= int(number) <= len(self._choices):
            raise _Refused(sentence("console.no_number", number=number))
        return self._choices[int(number) - 1]

    def _attach(self, written: str) -> None:
        """Put a file into the store; it goes to the dialogue with this message."""
        if not written:
            raise _Refused(sentence("console.file_usage"))
        path = Path(written.strip("\"'")).expanduser()
        limit = self._app.settings.max_file_mb
        try:
            size = path.stat().st_size
            if size > limit * MB:
                raise _Refused(sentence("file.too_large", name=path.name, size=-(-size // MB), limit=limit))
            with path.open("rb") as content:
                kept = reception.take(self._app, content, path.name, datetime.now(UTC))
        except OSError as absent:
            raise _Refused(sentence("console.no_file", path=written)) from absent
        except IntakeError as refused:
            raise _Refused(sentence("file.refused", name=path.name, reason=why_refused(refused))) from refused
        self._files = (*self._files, File(kept.digest, path.name, kept.media_type, kept.size))
        self._say(sentence("console.kept_file", name=path.name), style="dim")

    def _show(self, answer: Answer) -> None:
        self._choices = ()
        for reply in answer.replies:
            if receipt := receipt_of(reply, answer.receipts):
                self._hand_over(receipt)
            else:
                self._say(reply.text)
            numbered = reply.asks not in NUMBERS
            for number, choice in enumerate(reply.choices, start=1):
                self._say(f"  {number if numbered else '-'} {choice}", style="cyan")
            if reply.choices:
                self._choices = reply.choices if numbered else ()

    def _hand_over(self, receipt: Receipt) -> None:
        text = sentence(
            "console.receipt",
            number=receipt.case_number,
            code=grouped(receipt.query_code),
            authority=receipt.authority,
            due=spelled(receipt.due_on),
            derivation=receipt.derivation,
        )
        if self._plain:
            self._say(f"{sentence('console.receipt_title')}\n{text}")
        else:
            self._screen.print(Panel(Text(text), title=sentence("console.receipt_title"), expand=False))

    def _say(self, text: str, style: str = "") -> None:
        """Never as markup: what people and offices write may hold brackets. Never cut: a pipe has no width."""
        if self._plain:
            print(text, file=self._screen.file, flush=True)
        else:
            self._screen.print(Text(text, style=style))
