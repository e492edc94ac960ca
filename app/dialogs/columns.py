"""The column names of a data file, read from its beginning alone."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from engine.errors import BadInput
from engine.tables import quoted

BEGINNING = 1_000_000  # bytes
MOST = 200


def columns_of(path: Path) -> list[str]:
    """The names in the header of a .tsv, .csv, .jsonl or .parquet file.

    Raises BadInput when there is none; whether the rows can be used is found out on loading.
    """
    ending = path.suffix.lower()
    try:
        if ending == ".parquet":
            found = _parquet(path)
        elif ending == ".jsonl":
            found = _jsonl(_beginning(path))
        elif ending in (".tsv", ".csv"):
            found = _header(_beginning(path), tabs=ending == ".tsv")
        else:
            raise BadInput(
                f"{quoted(path.name)} is not a kind of file that can be read; use .tsv, .csv, "
                ".jsonl or .parquet."
            )
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise BadInput(f"{quoted(path.name)} cannot be read: {reason}.") from None
    names = [one for one in found if one][:MOST]
    if not names:
        raise BadInput(f"{quoted(path.name)} has no column names in its first line; add them.")
    return names


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(BEGINNING).removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def _header(content: str, *, tabs: bool) -> list[str]:
    first = content.lstrip("\r\n").splitlines()[:1]
    if not first:
        return []
    separator = "\t" if tabs else max(",;\t", key=first[0].count)
    try:
        return [one.strip() for one in next(csv.reader(io.StringIO(first[0]), delimiter=separator))]
    except (csv.Error, StopIteration):
        return []


def _jsonl(content: str) -> list[str]:
    names: dict[str, None] = {}
    for row in content.splitlines()[:20]:
        try:
            value = json.loads(row)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            names |= dict.fromkeys(value)
    return list(names)


def _parquet(path: Path) -> list[str]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return [str(one) for one in parquet.read_schema(path).names]
    except (pa.ArrowException, ValueError):
        raise BadInput(f"{quoted(path.name)} is not readable parquet; write it again.") from None
