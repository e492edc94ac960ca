"""From columns to clean rows: what is left out, what the classes are, what is cut from train."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import BadInput
from engine.tables import Table, quoted

LONGEST_TEXT = 1_000_000
LONGEST_LABEL = 200
MOST_CLASSES = 1000
HELD_OUT = 0.1
# Few enough digits for every label to be an exact float and a quick int.
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,15}(\.[0-9]{0,15})?|\.[0-9]{1,15})([eE][+-]?[0-9]{1,2})?")


@dataclass(frozen=True)
class Rows:
    """The rows of one split that have text and label, and how many had not."""

    texts: tuple[list[str], ...]
    labels: list[str]
    without_text: int
    without_label: int


def clean_rows(table: Table, columns: Sequence[str], label: str) -> Rows:
    """Leave out rows without text in every text column, or without a label.

    Raises BadInput for cells that are no text, for endless texts, and if nothing is left.
    """
    texts = [_cells(table, name, LONGEST_TEXT) for name in columns]
    labels = [fold(cell) for cell in _cells(table, label, LONGEST_LABEL)]
    full = [all(cell and not cell.isspace() for cell in row) for row in zip(*texts, strict=True)]
    kept = [i for i, has_text in enumerate(full) if has_text and labels[i]]
    if not kept:
        part, column = ("text", columns[0]) if not any(full) else ("label", label)
        raise BadInput(
            f"{table.source} has no row with a {part} in column {quoted(column)}; choose another "
            "column or other data.",
            table.where,
        )
    without_text = len(full) - sum(full)
    return Rows(
        tuple([column[i] for i in kept] for column in texts),
        [labels[i] for i in kept],
        without_text,
        len(full) - without_text - len(kept),
    )


def fold(text: str) -> str:
    """Text with every run of white space as one space and none outside."""
    return " ".join(text.split())


def plain_text(value: str) -> str:
    """Text that every file and database takes: no NUL, no half of a surrogate pair."""
    if value.isascii() and "\0" not in value:
        return value
    return value.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _cells(table: Table, name: str, longest: int) -> list[str]:
    """A column as text; empty where nothing was given."""
    cells = [_cell(value, table, name) for value in table.columns[name]]
    length = max(map(len, cells), default=0)
    if length > longest:
        raise BadInput(
            f"{table.source} has {length:,} characters in one cell of column {quoted(name)}; "
            f"at most {longest:,} are read, so check that this is the right column.",
            table.where,
        )
    return cells


def _cell(value: Any, table: Table, name: str) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, int | float):
        return str(value)
    raise BadInput(
        f"{table.source} holds a {type(value).__name__} in column {quoted(name)}; "
        "only text and numbers can be read.",
        table.where,
    )


def class_names(labels: Iterable[str]) -> dict[str, str]:
    """Every label as written -> its class name, the names in class order.

    Numbers are ordered as numbers, everything else as text. Raises BadInput for measured
    numbers (regression) and for columns that cannot be classes.
    """
    written = set(labels)
    if len(written) > MOST_CLASSES:
        raise BadInput(
            f"The label column has {len(written):,} different values, and a classifier here has at "
            f"most {MOST_CLASSES:,}; choose another label column.",
            "data.label",
        )
    if all(_WHOLE.fullmatch(value) for value in written):
        return {value: str(int(value)) for value in sorted(written, key=int)}
    if all(_NUMBER.fullmatch(value) for value in written):
        broken = [value for value in written if not float(value).is_integer()]
        if broken:
            raise BadInput(
                f"The labels are measured numbers such as {min(broken)}; Thimble compresses "
                "classifiers, so choose a column with classes.",
                "data.label",
            )
        return {value: str(int(float(value))) for value in sorted(written, key=float)}
    return {value: value for value in sorted(written)}


def check_labels(labels: dict[str, list[str]]) -> None:
    """Refuse a train split of one class, and labels that train lacks.

    `labels` maps train, validation and test to class names.
    """
    known = set(labels["train"])
    for split in ("validation", "test"):
        strange = Counter(name for name in labels.get(split, ()) if name not in known)
        if strange:
            name, count = strange.most_common(1)[0]
            others = " (and more such labels)" if len(strange) > 1 else ""
            raise BadInput(
                f"The {split} split has the label {quoted(name)} {times(count)}{others} and the "
                "train split never; add such rows to train or take them out.",
                f"data.{split}",
            )
    if len(known) < 2:
        raise BadInput(
            f"The train split has only one label, {quoted(next(iter(known)))}; a classifier needs "
            "at least two.",
            "data.train",
        )


def cut(labels: np.ndarray, parts: int, seed: int) -> list[np.ndarray]:
    """Row numbers of what stays, then of each part: a tenth of every class, at least one row.

    A class with too few rows for every part fills the first ones; one row always stays.
    `labels` is int64 [rows]; the result depends on labels and seed alone.
    """
    generator = np.random.default_rng(seed)
    pieces: list[list[np.ndarray]] = [[] for _ in range(parts + 1)]
    for label in np.unique(labels):
        rows = generator.permutation(np.flatnonzero(labels == label))
        share = max(1, round(HELD_OUT * len(rows)))
        for part in pieces[1:]:
            size = min(share, len(rows) - 1)
            part.append(rows[:size])
            rows = rows[size:]
        pieces[0].append(rows)
    return [np.sort(np.concatenate(piece)) for piece in pieces]


def times(count: int) -> str:
    """ "once", "3 times"."""
    return "once" if count == 1 else f"{count:,} times"


def row_count(count: int) -> str:
    """ "1 row", "3,080 rows"."""
    return "1 row" if count == 1 else f"{count:,} rows"
