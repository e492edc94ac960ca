"""Writes for a terminal: tables of plain text, sentences, and JSON; data is never markup."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from typing import IO, Any

from rich import box
from rich import console as rich_console
from rich.table import Table
from rich.text import Text

from engine.records import finite

PIPED_WIDTH = 160


class Console(rich_console.Console):
    """Plain text on one stream; a reader that has gone ends the command."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        stream = stream or sys.stdout
        fixed = stream.isatty() or "COLUMNS" in os.environ
        width = None if fixed else PIPED_WIDTH
        super().__init__(file=stream, width=width, highlight=False, markup=False, emoji=False)

    def on_broken_pipe(self) -> None:
        """Leave it to the command line to end quietly."""
        raise BrokenPipeError


def clean(value: Any) -> str:
    """Data as printable text on one line: nothing in it can steer the terminal."""
    return "".join(one if one.isprintable() else " " for one in str(value))


def say(*values: Any, style: str = "") -> None:
    """One line to stdout."""
    Console().print(Text(clean(" ".join(str(value) for value in values)), style=style))


def blank() -> None:
    """An empty line to stdout."""
    Console().print()


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], right: Sequence[str] = ()) -> None:
    """A table to stdout; the columns named in `right` hold figures."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for head in heads:
        figures = head in right
        made.add_column(
            Text(head), justify="right" if figures else "left", no_wrap=figures, overflow="fold"
        )
    for row in rows:
        made.add_row(*(Text(clean(cell)) for cell in row))
    Console().print(made)


def facts(rows: Iterable[tuple[str, Any]]) -> None:
    """Names and values, one pair per line, to stdout."""
    made = Table.grid(padding=(0, 2))
    made.add_column(no_wrap=True, style="dim")
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(Text(clean(name)), Text(clean(value)))
    Console().print(made)


def write_json(value: Any) -> None:
    """One JSON object or array to stdout; figures that are not finite become null."""
    text = json.dumps(finite(value), ensure_ascii=False, allow_nan=False, indent=2, default=str)
    write_line(text)


def write_line(text: str) -> None:
    """A line to stdout at once, in UTF-8 whatever the terminal speaks."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def moment(seconds: float | None) -> str:
    """A time as the person's clock shows it."""
    if seconds is None:
        return ""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (OverflowError, OSError, ValueError):
        return ""
