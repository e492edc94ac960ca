"""Writes for a terminal: tables of plain text, sentences, and JSON; data is never markup."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import IO, Any

from rich import box
from rich import console as rich_console
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from engine.plain import clean
from engine.records import finite

PIPED_WIDTH = 160
NARROWEST = 20
GAP = 3  # between two columns


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


def say(*values: Any) -> None:
    """One line to stdout; the terminal wraps it, so that a path can be copied whole."""
    Console().print(Text(clean(" ".join(str(value) for value in values))), soft_wrap=True)


def blank() -> None:
    """An empty line to stdout."""
    Console().print()


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], right: Sequence[str] = ()) -> None:
    """A table to stdout; the columns named in `right` hold figures.

    Text folds where the terminal is narrow, but to no less than NARROWEST; figures never do.
    """
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    cells = [[clean(cell) for cell in row] for row in rows]
    least = 0
    for place, head in enumerate(heads):
        figures = head in right
        longest = max([cell_len(head), *(cell_len(row[place]) for row in cells)])
        narrowest = longest if figures else min(longest, NARROWEST)
        least += narrowest + GAP
        made.add_column(
            Text(head), justify="right" if figures else "left", no_wrap=figures, overflow="fold",
            min_width=narrowest,
        )  # fmt: skip
    for row in cells:
        made.add_row(*map(Text, row))
    console = Console()
    console.width = max(least, console.width)
    console.print(made, crop=False)


def facts(rows: Iterable[tuple[str, Any]]) -> None:
    """Names and values, one pair per line, to stdout."""
    pairs = [(clean(name), clean(value)) for name, value in rows]
    width = max(len(name) for name, _ in pairs) + 2
    console = Console()
    for name, value in pairs:
        console.print(Text.assemble((name.ljust(width), "dim"), value), soft_wrap=True)


def write_json(value: Any) -> None:
    """One JSON object or array to stdout; figures that are not finite become null."""
    text = json.dumps(finite(value), ensure_ascii=False, allow_nan=False, indent=2, default=str)
    write_line(text)


def write_line(text: str) -> None:
    """A line to stdout at once, in UTF-8 whatever the terminal speaks."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()
