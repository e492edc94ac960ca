"""Reading .tsv, .csv, .jsonl, .parquet and .txt files into columns, refusing bad ones in words.

- .csv follows the csv rules; the separator is the comma, semicolon or tab that the header has most.
- .tsv is read as it stands, quotes included, unless every field that begins with a quote also
  closes it properly before the next tab or line end; then the csv rules hold.
- Every text file is UTF-8 (a byte order mark is accepted) with any mix of line ends.
- Blank lines are skipped; every other row has exactly as many fields as the header.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import BadInput, nearest

LARGEST_FILE = 1_000_000_000
LARGEST_ROWS = 10_000_000
ENDINGS = (".tsv", ".csv", ".jsonl", ".parquet")
_OPENED = re.compile(r'(?:^|\t)"', re.MULTILINE)
_CLOSED = re.compile(r'(?:^|\t)"(?:[^"\t\n]|"")*"(?=\t|$)', re.MULTILINE)


@dataclass(frozen=True)
class Table:
    """The wanted columns of one file or hub split, cells as they were read.

    `source` is what a message calls it, `where` the entry of the run file that named it.
    """

    source: str
    columns: dict[str, list[Any]]
    where: str = ""


@dataclass(frozen=True)
class Source:
    """A data set as it was read, before cleaning: tables for train and perhaps the other splits.

    `order` holds the class names in class order where the source knows them.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    label: str
    tables: dict[str, Table]
    order: tuple[str, ...] | None = None
    unlabelled: tuple[str, ...] = ()


def quoted(name: object, longest: int = 60) -> str:
    """A name from data in quotes, on one line and not longer than a message can bear."""
    text = " ".join(str(name).replace("\0", " ").split())
    return f'"{text if len(text) <= longest else text[: longest - 1] + "…"}"'


def read_table(path: Path, wanted: Sequence[str], where: str = "") -> Table:
    """Read the wanted columns of a file.

    Raises BadInput if the file is missing, of another kind, damaged, empty, ragged, not UTF-8, or
    lacks a wanted column.
    """
    source = _checked(path, where)
    ending = path.suffix.lower()
    try:
        if ending == ".parquet":
            columns = _parquet(path, wanted)
        elif ending == ".jsonl":
            columns = _jsonl(_text(path), wanted)
        elif ending in (".tsv", ".csv"):
            columns = _separated(_text(path), wanted, tabs=ending == ".tsv")
        elif ending == ".txt":
            raise BadInput("has no labels; a .txt file can only give unlabelled sentences")
        else:
            raise BadInput(f"is not a kind of file that can be read; use {', '.join(ENDINGS)}")
        if not columns[wanted[0]]:
            raise BadInput("has no rows; choose a file with examples")
    except BadInput as error:
        raise BadInput(f"{source} {error}.", error.where or where) from None
    return Table(source, columns, where)


def read_text_lines(path: str | Path, where: str = "") -> list[str]:
    """Read a UTF-8 file of one sentence a line; blank lines and outer spaces are left out.

    Raises BadInput if it cannot be read or has no sentence.
    """
    return [line for line in read_lines(path, where) if line]


def read_lines(path: str | Path, where: str = "") -> list[str]:
    """Every line of a UTF-8 file without outer spaces, empty ones too.

    Raises BadInput if it cannot be read or has no sentence.
    """
    path = Path(path).expanduser()
    source = _checked(path, where)
    try:
        lines = [line.strip() for line in _text(path).split("\n")]
        if not any(lines):
            raise BadInput("has no sentences; it should have one on each line")
    except BadInput as error:
        raise BadInput(f"{source} {error}.", where) from None
    return lines


def find_column(name: str, there: Sequence[str]) -> None:
    """Raise BadInput (a sentence without its subject) if `name` is not among the columns."""
    if name in there:
        return
    shown = ", ".join(quoted(column, 40) for column in there[:12]) or "none"
    more = f" and {len(there) - 12} more" if len(there) > 12 else ""
    guess = nearest(name[:200], [column for column in there[:1000] if len(column) <= 60])
    raise BadInput(f"has no column {quoted(name)}{guess or ';'} its columns are {shown}{more}")


def _checked(path: Path, where: str) -> str:
    """Refuse what is no readable file of reasonable size; return the name messages use."""
    try:
        if path.is_dir():
            raise BadInput(f"{path} is a folder; choose a file in it.", where)
        size = path.stat().st_size
        regular = path.is_file()
    except FileNotFoundError:
        raise BadInput(f"There is no file {quoted(path, 300)}; check the path.", where) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"{quoted(path, 300)} cannot be read: {reason}.", where) from None
    if not regular:
        raise BadInput(f"{quoted(path, 300)} is not a file; choose a data file.", where)
    if size > LARGEST_FILE:
        raise BadInput(f"{quoted(path, 300)} is larger than 1 GB; take a part of it.", where)
    return quoted(path.name)


def _text(path: Path) -> str:
    """The file's text with every line end as one newline."""
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}") from None
    try:
        text = content.decode("utf-8")
        bad = content.find(b"\0")
    except UnicodeDecodeError as error:
        bad = error.start
    if bad >= 0:
        line = content.count(b"\n", 0, bad) + 1
        raise BadInput(f"is not UTF-8 text at line {line:,}; save it as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _separated(text: str, wanted: Sequence[str], tabs: bool) -> dict[str, list[Any]]:
    rows = _tab_rows(text) if tabs else _csv_rows(text, _separator(text))
    header = [name.strip() for name in next(rows, (0, []))[1]]
    if not header:
        raise BadInput("is empty; choose a file with examples")
    _refuse_twins(header)
    for name in wanted:
        find_column(name, header)
    places = [header.index(name) for name in wanted]
    cells: list[list[Any]] = [[] for _ in wanted]
    for line, fields in rows:
        if len(fields) != len(header):
            raise BadInput(
                f"has {len(header)} columns but another number of fields at line {line:,}, "
                f"{len(fields)}; "
                "a separator inside a text needs quotes in a .csv file"
            )
        for column, place in zip(cells, places, strict=True):
            column.append(fields[place])
    return dict(zip(wanted, cells, strict=True))


def _separator(text: str) -> str:
    header = text.lstrip("\n").partition("\n")[0]
    return max(",;\t", key=header.count)


def _tab_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    opened = len(_OPENED.findall(text))
    if opened and opened == len(_CLOSED.findall(text)):
        yield from _csv_rows(text, "\t")
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line:
            yield number, line.split("\t")


def _csv_rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    # The csv module's own limit is 131,072 characters; ours is checked on the wanted columns.
    csv.field_size_limit(LARGEST_FILE)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for fields in reader:
            if fields:
                yield reader.line_num, fields
    except csv.Error:
        line = f"{reader.line_num:,}"
        raise BadInput(
            f"has quotes that do not match up by line {line}; double a quote inside a quoted field"
        ) from None


def _refuse_twins(header: Sequence[str]) -> None:
    counts = Counter(name for name in header if name)
    if counts and (most := counts.most_common(1)[0])[1] > 1:
        raise BadInput(f"has more than one column called {quoted(most[0])}; rename one of them")


def _jsonl(text: str, wanted: Sequence[str]) -> dict[str, list[Any]]:
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise BadInput(f"has no valid JSON at line {number:,}; correct that line") from None
        if not isinstance(row, dict):
            raise BadInput(f"has no JSON object at line {number:,}; each line is one object")
        rows.append(row)
    there = list(dict.fromkeys(key for row in rows for key in row))
    for name in wanted if rows else ():
        find_column(name, there)
    return {name: [row.get(name) for row in rows] for name in wanted}


def _parquet(path: Path, wanted: Sequence[str]) -> dict[str, list[Any]]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            schema = file.schema_arrow
            _refuse_twins(schema.names)
            for name in wanted:
                find_column(name, schema.names)
                _refuse_kind(name, schema.field(name).type)
            if file.metadata.num_rows > LARGEST_ROWS:
                raise BadInput("has more than 10 million rows; take a part of it")
            return _batches(file, wanted)
    except (pa.ArrowException, OSError, ValueError):
        raise BadInput("is not a readable parquet file; write it again") from None


def _batches(file: Any, wanted: Sequence[str]) -> dict[str, list[Any]]:
    """Read in small batches, because a tiny parquet file can unpack to any size."""
    columns: dict[str, list[Any]] = {name: [] for name in wanted}
    size = 0
    for batch in file.iter_batches(batch_size=1024, columns=list(wanted)):
        size += batch.nbytes
        if size > LARGEST_FILE:
            raise BadInput("unpacks to more than 1 GB; take a part of it")
        for name in wanted:
            columns[name].extend(batch.column(name).to_pylist())
    return columns


def _refuse_kind(name: str, kind: Any) -> None:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    plain = (
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
        or pa.types.is_integer(kind) or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind) or pa.types.is_null(kind)
    )  # fmt: skip
    if not plain:
        raise BadInput(f"holds {quoted(kind)} in column {quoted(name)}; only text and numbers do")
