"""Word vectors in GloVe or fastText text files, and which words lie nearest to a word."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from engine.errors import BadInput

WIDEST = 4096
LONGEST_LINE = 64 * WIDEST  # bytes
MOST_LINES = 20_000_000
_BLOCK = 128  # words compared at a time


def read_vectors(
    path: str | Path, words: Collection[str] | None, where: str = "", *, first: int = MOST_LINES
) -> tuple[list[str], np.ndarray]:
    """The vectors of `words` (None: of every word) in a text file, as words and float32 [n, width].

    A line is a word and its numbers; a first line "count width", as fastText writes, is skipped.
    Only the `first` lines are read, most frequent words by custom, and of a word given twice the
    first line counts. The file is streamed, so memory holds the wanted words alone. Raises
    BadInput, under the setting `where`, if the file cannot be read, is no such file, changes its
    width on the way, or has none of the words.
    """
    lines = _lines(Path(path).expanduser(), where)
    wanted = None if words is None else frozenset(words)
    width = 0
    found: dict[str, np.ndarray] = {}
    for number, line in lines:
        if number > first:
            break
        fields = line.split()
        if number == 1 and len(fields) == 2 and all(field.isdigit() for field in fields):
            continue
        if not width:
            width = _width(path, fields, where)
        # A word may hold spaces, so the numbers are counted from the end of the line.
        if len(fields) <= width:
            raise BadInput(
                f"{path} has {len(fields) - 1} numbers in line {number:,} where it had {width} "
                "before; choose a whole file of word vectors.",
                where,
            )
        word = b" ".join(fields[:-width]).decode("utf-8", "replace")
        if word in found or (wanted is not None and word not in wanted):
            continue
        found[word] = _numbers(path, fields[-width:], number, where)
    if not found and not width:
        raise BadInput(f"{path} holds no word vectors; choose a GloVe or fastText file.", where)
    if not found:
        raise BadInput(
            f"{path} has a vector for none of the words that are needed; choose vectors of the "
            "same language.",
            where,
        )
    return list(found), np.stack(list(found.values()))


def vector_width(path: str | Path, where: str = "") -> int:
    """How many numbers each word has in the file; raises BadInput as `read_vectors` does."""
    return int(read_vectors(path, None, where, first=2)[1].shape[1])


def nearest_words(table: np.ndarray, queries: np.ndarray, count: int) -> np.ndarray:
    """For each of `queries` [n, width] the `count` rows of `table` [words, width] of highest cosine.

    Returns row numbers [n, min(count, words)], nearest first. A query that stands in the table
    is its own nearest word.
    """
    count = min(count, len(table))
    unit = _unit(table)
    found = np.zeros((len(queries), count), np.int64)
    for start in range(0, len(queries), _BLOCK):
        cosines = _unit(queries[start : start + _BLOCK]) @ unit.T
        best = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        order = np.argsort(-np.take_along_axis(cosines, best, 1), axis=1, kind="stable")
        found[start : start + _BLOCK] = np.take_along_axis(best, order, 1)
    return found


def _unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length one, float32."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), np.float32)


def _lines(path: Path, where: str) -> Iterator[tuple[int, bytes]]:
    """Every line that is not empty, with its number; refuses what is no text of such lines."""
    if not path.is_file():
        raise BadInput(f"There is no file {path}; choose a file of word vectors.", where)
    try:
        with path.open("rb") as file:
            for number in range(1, MOST_LINES + 1):
                line = file.readline(LONGEST_LINE + 1)
                if not line:
                    return
                if len(line) > LONGEST_LINE or b"\0" in line:
                    raise BadInput(
                        f"{path} is no text file of word vectors (line {number:,}); choose a "
                        "GloVe or fastText file that is unpacked.",
                        where,
                    )
                if line.strip():
                    yield number, line
    except OSError as error:
        reason = error.strerror or error
        raise BadInput(f"{path} cannot be read ({reason}); choose another file.", where) from None


def _width(path: str | Path, fields: list[bytes], where: str) -> int:
    """The width that the first line of numbers has."""
    if not 1 <= len(fields) - 1 <= WIDEST:
        raise BadInput(
            f"{path} has {len(fields) - 1} numbers for its first word; word vectors have 1 to "
            f"{WIDEST}, each line a word and its numbers.",
            where,
        )
    return len(fields) - 1


def _numbers(path: str | Path, fields: list[bytes], number: int, where: str) -> np.ndarray:
    """One word's vector, float32 [width]."""
    try:
        with np.errstate(over="ignore"):  # too large a number becomes infinite, and is refused
            values = np.array(fields, np.float64).astype(np.float32)
    except ValueError:
        values = np.array([np.nan], np.float32)
    if not np.isfinite(values).all():
        raise BadInput(
            f"{path} has something other than a number in line {number:,}; choose a whole file "
            "of word vectors.",
            where,
        )
    return values
