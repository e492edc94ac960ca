"""Plain text as rows of word pieces, as masked language models read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from tokenizers import Tokenizer

from engine.errors import BadInput
from engine.text import Text

SHORT = 0.1  # share of rows that are cut short on purpose (Devlin et al. 2019, reference code)
NO_WORD = -1  # the word of a special piece
Task = Literal["none", "sop", "nsp"]


@dataclass
class Rows:
    """Text as rows of pieces; `words` numbers the word of each piece, -1 for special pieces.

    With a sentence task, `types` tells the two segments apart and `order` is 1 where they were
    swapped, or where the second is foreign.
    """

    ids: list[np.ndarray]
    words: list[np.ndarray]
    types: list[np.ndarray]
    order: np.ndarray | None
    lengths: np.ndarray
    pad: int
    mask: int
    vocabulary: int

    def __len__(self) -> int:
        return len(self.ids)


def rows(
    tokenizer: Tokenizer, text: Text, max_length: int, seed: int, *, task: Task = "none"
) -> Rows:
    """Pack the sentences of each document into rows of at most `max_length` pieces.

    One row in ten is cut short on purpose. With a sentence task a row is two segments of one
    document that follow each other; a row of a single sentence is cut between two words. With
    probability one half they are swapped ("sop", Lan et al. 2019, section 3.1), or the second
    is taken from another document ("nsp", Devlin et al. 2019, section 3.1). Raises BadInput
    when the pieces lack [CLS], [SEP], [PAD] or [MASK], or nothing can be packed.
    """
    special = _special(tokenizer)
    generator = np.random.default_rng(seed)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    flat = tokenizer.encode_batch(text.sentences, add_special_tokens=False)
    sentences = iter(flat)
    room = max_length - (2 if task == "none" else 3)
    packed: list[list[Pieces]] = []
    sources: list[int] = []
    for number, document in enumerate(text.documents):
        found = [_pieces(next(sentences)) for _ in document]
        for chunk in _chunks([one for one in found if len(one[0])], room, generator):
            segments = [_join(chunk)] if task == "none" else [*_halves(chunk, generator)]
            if all(len(ids) for ids, _ in segments):
                packed.append(segments)
                sources.append(number)
    if not packed:
        raise BadInput(f"{text.title} holds no sentence of two words; choose more text.", "text")
    order = None
    if task == "sop":
        order = _swap(packed, generator)
    elif task == "nsp":
        order = _replace(packed, sources, room, generator, text.title)
    made = [_row(segments, special) for segments in packed]
    return Rows(
        ids=[one[0] for one in made], words=[one[1] for one in made],
        types=[one[2] for one in made], order=order,
        lengths=np.asarray([len(one[0]) for one in made]), pad=special["pad"],
        mask=special["mask"], vocabulary=tokenizer.get_vocab_size(with_added_tokens=True),
    )  # fmt: skip


def _swap(packed: list[list[Pieces]], generator: np.random.Generator) -> np.ndarray:
    """Turn half of the rows round in place; 1 where a row was turned."""
    swapped = (generator.random(len(packed)) < 0.5).astype(np.int64)
    for row in map(int, np.flatnonzero(swapped)):
        packed[row].reverse()
    return swapped


def _replace(
    packed: list[list[Pieces]], sources: Sequence[int], room: int, generator: np.random.Generator,
    title: str,
) -> np.ndarray:  # fmt: skip
    """Give half of the rows the second segment of another document, in place; 1 where given."""
    if len(set(sources)) < 2:
        raise BadInput(
            f"{title} is too short for foreign segments; choose more text, or the sentence task sop.",
            "text",
        )
    seconds = [segments[1] for segments in packed]
    foreign = (generator.random(len(packed)) < 0.5).astype(np.int64)
    for row in map(int, np.flatnonzero(foreign)):
        other = int(generator.integers(len(packed)))
        while sources[other] == sources[row]:
            other = int(generator.integers(len(packed)))
        left = room - len(packed[row][0][0])
        packed[row][1] = (seconds[other][0][:left], seconds[other][1][:left])
    return foreign


def _special(tokenizer: Tokenizer) -> dict[str, int]:
    names = {
        "first": ("[CLS]", "<s>"), "last": ("[SEP]", "</s>"), "pad": ("[PAD]", "<pad>"),
        "mask": ("[MASK]", "<mask>"),
    }  # fmt: skip
    found = {}
    for role, candidates in names.items():
        ids = [tokenizer.token_to_id(name) for name in candidates]
        known = [one for one in ids if one is not None]
        if not known:
            raise BadInput(
                f"The model's word pieces have no {candidates[0]}, which guessing masked words "
                "needs; choose another teacher.",
                "teacher",
            )
        found[role] = known[0]
    return found


Pieces = tuple[np.ndarray, np.ndarray]


def _pieces(encoding: Any) -> Pieces:
    return np.asarray(encoding.ids, np.int64), np.asarray(
        [NO_WORD if one is None else one for one in encoding.word_ids], np.int64
    )


def _join(parts: Sequence[Pieces]) -> Pieces:
    """Pieces in a row, with words numbered through."""
    ids, words, base = [], [], 0
    for one, own in parts:
        ids.append(one)
        words.append(own + base)
        base += int(own.max()) + 1
    return np.concatenate(ids), np.concatenate(words)


def _chunks(
    sentences: Sequence[Pieces], room: int, generator: np.random.Generator
) -> list[list[Pieces]]:
    """Sentences that follow each other, as many as fit; longer ones are cut."""
    found: list[list[Pieces]] = []
    current: list[Pieces] = []
    size, target = 0, _target(room, generator)
    for ids, words in sentences:
        if current and size + len(ids) > target:
            found.append(current)
            current, size, target = [], 0, _target(room, generator)
        current.append((ids[:target], words[:target]))
        size += len(current[-1][0])
    return [*found, current] if current else found


def _target(room: int, generator: np.random.Generator) -> int:
    short = generator.random() < SHORT
    return int(generator.integers(min(room, max(2, room // 8)), room + 1)) if short else room


def _halves(chunk: Sequence[Pieces], generator: np.random.Generator) -> tuple[Pieces, Pieces]:
    """Two segments: cut between two sentences, or between two words of a single one."""
    if len(chunk) > 1:
        at = int(generator.integers(1, len(chunk)))
        return _join(chunk[:at]), _join(chunk[at:])
    ids, words = chunk[0]
    starts = np.flatnonzero(np.diff(words)) + 1
    if not len(starts):
        return (ids, words), (ids[:0], words[:0])
    at = int(starts[np.abs(starts - len(ids) / 2).argmin()])
    return (ids[:at], words[:at]), (ids[at:], words[at:] - words[at])


def _row(
    segments: Sequence[Pieces], special: dict[str, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """[CLS] segment [SEP] (segment [SEP])."""
    ids, words, types = [[special["first"]]], [[NO_WORD]], [[0]]
    base = 0
    for place, (own, numbers) in enumerate(segments):
        ids += [list(own), [special["last"]]]
        words += [list(numbers + base), [NO_WORD]]
        types.append([place] * (len(own) + 1))
        base += int(numbers.max()) + 1
    return _flat(ids), _flat(words), _flat(types)


def _flat(parts: Sequence[Sequence[int]]) -> np.ndarray:
    return np.asarray([one for part in parts for one in part], np.int32)
