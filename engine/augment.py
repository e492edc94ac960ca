"""More training sentences from those there are: words replaced by candidates that fit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.data import Split
from engine.errors import BadInput

FILE = "sentences.jsonl"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# Words that carry grammar rather than meaning; they are kept (Jiao et al. 2020, reference code).
_KEPT = """i me my myself we our ours ourselves you your yours yourself yourselves he him his himself
    she her hers herself it its itself they them their theirs themselves what which who whom this
    that these those am is are was were be been being have has had having do does did doing a an
    the and but if or because as until while of at by for with about against between into through
    during before after above below to from up down in out on off over under again further then
    once here there when where why how all any both each few more most other some such no nor not
    only own same so than too very s t can will just don should now"""
STOP_WORDS = frozenset(_KEPT.split())


@dataclass(frozen=True)
class Place:
    """A word at characters `start` to `end` of a sentence and what may stand there instead."""

    start: int
    end: int
    words: tuple[str, ...]


def replaceable(text: str) -> list[tuple[int, int]]:
    """Where the words stand that may be replaced: alphabetic ones that are no stop words."""
    found = [one.span() for one in _WORD.finditer(text)]
    return [
        (start, end)
        for start, end in found
        if text[start:end].isalpha() and text[start:end].lower() not in STOP_WORDS
    ]


def variants(
    text: str, places: Sequence[Place], share: float, count: int, generator: np.random.Generator
) -> list[str]:
    """Up to `count` sentences that differ from `text` and from each other.

    Each is drawn by replacing every place with probability `share` by one of its words (Jiao et
    al. 2020, algorithm 1). One drawn before is left out but counts, as in the reference code.
    """
    found: dict[str, None] = {}
    for _ in range(count):
        parts, done = [], 0
        for place in places:
            if generator.random() < share:
                word = place.words[int(generator.integers(len(place.words)))]
                parts += [text[done : place.start], word]
                done = place.end
        found["".join([*parts, text[done:]])] = None
    found.pop(text, None)
    return list(found)


def write_variants(
    folder: Path, texts: Sequence[Sequence[str]], places: Sequence[Iterable[list[Place]]],
    share: float, count: int, seed: int,
) -> None:  # fmt: skip
    """Write the variants of every text as JSON lines {"row", "column", "texts"} into `folder`.

    `texts` and `places` hold one or two columns; a pair has one side changed at a time, the
    other as it was. What is drawn depends on the seed, the row and the column alone.
    """
    with (folder / FILE).open("w", encoding="utf-8") as file:
        for column, (sentences, found) in enumerate(zip(texts, places, strict=True)):
            for row, (text, own) in enumerate(zip(sentences, found, strict=True)):
                generator = np.random.default_rng([seed, column, row])
                made = variants(text, own, share, count, generator)
                line = {"row": row, "column": column, "texts": made}
                file.write(f"{json.dumps(line, ensure_ascii=False)}\n")


def read_variants(folder: Path, split: Split) -> Split:
    """The split `write_variants` was given, every row followed by its variants, labels kept.

    Raises BadInput when the file is damaged.
    """
    made: list[list[tuple[str, ...]]] = [[one] for one in zip(*split.texts, strict=True)]
    originals = [one[0] for one in made]
    try:
        with (folder / FILE).open(encoding="utf-8") as file:
            for text in file:
                line = json.loads(text)
                row, column = int(line["row"]), int(line["column"])
                whole = originals[row]
                made[row] += [
                    (*whole[:column], str(one), *whole[column + 1 :]) for one in line["texts"]
                ]
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        raise BadInput(
            f"The stored sentences in {folder} are damaged; delete that folder and resume the run."
        ) from None
    rows = [one for own in made for one in own]
    labels = None
    if split.labels is not None:
        labels = np.repeat(split.labels, [len(own) for own in made])
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    return Split("augmented", columns, labels)
