"""Words that may stand in another's place: by a masked language model, or by nearness of vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import torch

from engine.augment import Place, replaceable
from engine.errors import BadInput
from engine.job import Job
from engine.mlm import MaskedBatch, MaskedModel
from engine.ops.masking import IGNORED
from engine.vectors import nearest_words, read_vectors

CHUNK = 256  # sentences whose words are looked up together
BATCH = 64
VECTOR_LINES = 100_000  # of a vector file: the most frequent words (reference code)
_WORD_MARKS = ("Ġ", "▁")  # with which some tokenizers begin a word


@dataclass(frozen=True)
class _Asked:
    """A masked sentence: piece `at` of `ids` is to be guessed, for the word at start to end."""

    row: int
    start: int
    end: int
    ids: np.ndarray
    types: np.ndarray
    at: int


class Finder:
    """Finds the places of sentences where words may be replaced (Jiao et al. 2020, algorithm 1).

    A word of one piece gets the `count` likeliest words at its place, which `head` reads in the
    masked sentence alone or beside the original; a word of several pieces the `count` nearest
    words in the file `vectors`, or in the teacher's own embedding table.
    """

    def __init__(
        self, job: Job, head: MaskedModel, count: int, context: Literal["alone", "with_original"],
        vectors: str | None,
    ) -> None:  # fmt: skip
        self.job, self.head, self.count, self.paired = job, head, count, context != "alone"
        self.vectors, self.tokenizer = vectors, job.teacher.tokenizer
        mask = [self.tokenizer.token_to_id(name) for name in ("[MASK]", "<mask>")]
        self.mask = next(one for one in mask if one is not None)
        self._near: dict[str, tuple[str, ...]] = {}

    def places(self, texts: Sequence[str], begun: float, width: float) -> Iterator[list[Place]]:
        """The places of every text; progress goes from `begun` on for `width` of the stage."""
        for start in range(0, len(texts), CHUNK):
            yield from self._chunk(texts[start : start + CHUNK])
            self.job.check_stop()
            share = begun + width * min(1.0, (start + CHUNK) / len(texts))
            self.job.progress(share, doing="Looking for words")

    def _chunk(self, texts: Sequence[str]) -> list[list[Place]]:
        room = self.job.max_length
        longest = (self.job.longest_possible() + 1) // 2
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(min(room, longest) if self.paired else room)
        asked: list[_Asked] = []
        rare: list[tuple[int, int, int, list[int]]] = []
        for row, (text, pieces) in enumerate(
            zip(texts, self.tokenizer.encode_batch(list(texts)), strict=True)
        ):
            for start, end in replaceable(text):
                at = _overlapping(pieces, start, end)
                if len(at) == 1:
                    asked.append(self._masked(row, start, end, pieces, at[0]))
                elif at:
                    rare.append((row, start, end, [pieces.ids[one] for one in at]))
        self._look_up({texts[row][start:end]: ids for row, start, end, ids in rare})
        found: list[list[Place]] = [[] for _ in texts]
        for one, words in zip(asked, self._guessed(asked, texts), strict=True):
            found[one.row].append(Place(one.start, one.end, words))
        for row, start, end, _ in rare:
            found[row].append(Place(start, end, self._near[texts[row][start:end]]))
        return [
            sorted((one for one in own if one.words), key=lambda one: one.start) for own in found
        ]

    # Words of one piece ---------------------------------------------------------------------

    def _masked(self, row: int, start: int, end: int, pieces: Any, at: int) -> _Asked:
        ids = np.asarray(pieces.ids, np.int64)
        types = np.zeros(len(ids), np.int64)
        masked = ids.copy()
        masked[at] = self.mask
        if self.paired:
            masked = np.concatenate([masked, ids[1:]])
            types = np.concatenate([types, np.ones(len(ids) - 1, np.int64)])
        return _Asked(row, start, end, masked, types, at)

    def _guessed(self, asked: Sequence[_Asked], texts: Sequence[str]) -> list[tuple[str, ...]]:
        """The likeliest other words at every masked place."""
        found: list[tuple[str, ...]] = [()] * len(asked)
        order = np.argsort([len(one.ids) for one in asked], kind="stable")
        ids, words = self._whole_words
        for begin in range(0, len(order), BATCH):
            self.job.check_stop()
            chosen = order[begin : begin + BATCH]
            with torch.no_grad(), self.job.setup.autocast():
                scores, _, _ = self.head(self._batch([asked[i] for i in chosen]))
            best = scores.float()[:, ids].topk(min(self.count + 1, len(words)), dim=1).indices
            for i, row in zip(chosen, best.tolist(), strict=True):
                own = texts[asked[i].row][asked[i].start : asked[i].end].lower()
                found[i] = self._others([words[one] for one in row], own)
        return found

    def _others(self, words: Iterable[str], own: str) -> tuple[str, ...]:
        return tuple(one for one in words if one.lower() != own)[: self.count]

    def _batch(self, asked: Sequence[_Asked]) -> MaskedBatch:
        shape = (len(asked), max(len(one.ids) for one in asked))
        ids = np.full(shape, self.job.teacher.config["pad_token_id"], np.int64)
        mask, types = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        targets = np.full(shape, IGNORED, np.int64)
        for place, one in enumerate(asked):
            ids[place, : len(one.ids)] = one.ids
            mask[place, : len(one.ids)] = 1
            if self.job.types > 1:
                types[place, : len(one.ids)] = one.types
            targets[place, one.at] = 0
        a, b, c, d = (
            torch.from_numpy(one).to(self.job.device) for one in (ids, mask, types, targets)
        )
        return MaskedBatch(a, b, c, d, None, np.arange(len(asked)), int(mask.sum()))

    @cached_property
    def _whole_words(self) -> tuple[list[int], list[str]]:
        """The pieces that are a word of letters by themselves: their ids and the words."""
        known = self.tokenizer.get_vocab(with_added_tokens=False)
        marks = [one for one in _WORD_MARKS if any(piece.startswith(one) for piece in known)]
        found = {
            number: piece.removeprefix(marks[0]) if marks else piece
            for piece, number in sorted(known.items(), key=lambda one: one[1])
            if not marks or piece.startswith(marks[0])
        }
        words = {number: word for number, word in found.items() if word.isalpha()}
        if len(words) < 2:
            raise BadInput(
                "The teacher's word pieces hold no whole words, so no other words can be put into "
                "sentences; switch Augment off.",
                "method.augment",
            )
        return list(words), list(words.values())

    # Words of several pieces ----------------------------------------------------------------

    def _look_up(self, rare: dict[str, list[int]]) -> None:
        """Find the nearest words of words that were not met before."""
        new = {word: ids for word, ids in rare.items() if word not in self._near}
        if not new:
            return
        words, table = self._table
        if self.vectors:
            rows = {word: row for row, word in enumerate(words)}
            at = {word: rows.get(word, rows.get(word.lower(), -1)) for word in new}
            queries = {word: table[row] for word, row in at.items() if row >= 0}
        else:
            pieces = self._embedding
            queries = {word: pieces[ids].mean(0) for word, ids in new.items()}
        self._near.update(dict.fromkeys(new, ()))
        if queries:
            best = nearest_words(table, np.stack(list(queries.values())), self.count + 1)
            for word, row in zip(queries, best.tolist(), strict=True):
                self._near[word] = self._others([words[one] for one in row], word.lower())

    @cached_property
    def _embedding(self) -> np.ndarray:
        weight: torch.Tensor = self.head.encoder.get_input_embeddings().weight
        return weight.detach().float().cpu().numpy()

    @cached_property
    def _table(self) -> tuple[list[str], np.ndarray]:
        if self.vectors:
            words, table = read_vectors(self.vectors, None, "method.vectors", first=VECTOR_LINES)
            kept = [i for i, word in enumerate(words) if word.isalpha()]
            return [words[i] for i in kept], table[kept]
        ids, words = self._whole_words
        return words, self._embedding[ids]


def _overlapping(pieces: Any, start: int, end: int) -> list[int]:
    """The pieces of the word at characters start to end; none when the word was cut off."""
    at = [
        i
        for i, (first, last) in enumerate(pieces.offsets)
        if first < end and last > start and not pieces.special_tokens_mask[i]
    ]
    return at if at and pieces.offsets[at[-1]][1] >= end else []
