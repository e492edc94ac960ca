"""Batches in two vocabularies: the same words for teacher and student, the same words hidden."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from engine.feeds import Feed
from engine.job import Job
from engine.mixing import SPECIAL, WordRows, probability, word_rows
from engine.mlm import MaskedBatch
from engine.ops.dual import DualModel
from engine.ops.masking import IGNORED, choose_words, corrupt
from engine.text import Text


@dataclass
class MixedBatch:
    """The same words for both models, [batch, length] each; `share` of the teacher's pieces are
    the student's.
    """

    ids: torch.Tensor
    by_student: torch.Tensor
    mask: torch.Tensor
    targets: torch.Tensor
    student: MaskedBatch
    share: float
    rows: np.ndarray
    tokens: int


@dataclass(frozen=True)
class Mixer:
    """How rows of words become batches: whose pieces, and which words are hidden."""

    words: WordRows
    teacher: Tokenizer
    student: Tokenizer
    device: torch.device
    rate: float

    def batch(self, rows: np.ndarray, share: float, generator: np.random.Generator) -> MixedBatch:
        """Cut each word by the student's pieces with the chance `share`, and hide words."""
        mixed, own, student_pieces, pieces = [], [], 0, 0
        for row in rows:
            count = len(self.words.rows[row])
            by_student = generator.random(count) < share
            cut = self.words.cut(row, by_student)
            alone = self.words.cut(row, np.ones(count, bool))
            sizes = np.bincount(alone.words, minlength=count)
            hidden = choose_words(sizes, self.rate, 1, generator)
            student_pieces, pieces = student_pieces + int(cut.by_student.sum()), pieces + len(cut.ids)  # fmt: skip
            mixed.append(self._hide(cut.ids, cut.by_student, hidden[cut.words], generator))
            own.append(self._hide(alone.ids, alone.by_student, hidden[alone.words], generator))
        ids, flags, mask, targets = self._stack(mixed, self.teacher, False)
        small, _, small_mask, small_targets = self._stack(own, self.student, True)
        types = torch.zeros_like(small)
        read = int(small_mask.sum())
        return MixedBatch(
            ids, flags.bool(), mask, targets,
            MaskedBatch(small, small_mask, types, small_targets, None, rows, read),
            student_pieces / max(1, pieces), rows, read + int(mask.sum()),
        )  # fmt: skip

    def _hide(
        self, ids: np.ndarray, by_student: np.ndarray, hidden: np.ndarray,
        generator: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
        """Pieces to read, whose they are, and targets; each vocabulary has its own [MASK]."""
        read, targets = ids, np.full(len(ids), IGNORED)
        for own, tokenizer in ((False, self.teacher), (True, self.student)):
            chosen = hidden & (by_student == own)
            mask: Any = tokenizer.token_to_id("[MASK]")
            read, found = corrupt(read, chosen, mask, tokenizer.get_vocab_size(), generator)
            targets = np.where(chosen, found, targets)
        return read, by_student, targets

    def _stack(self, rows: list[Any], tokenizer: Tokenizer, own: bool) -> tuple[torch.Tensor, ...]:
        """[CLS] row [SEP], padded, with the model's own specials: ids, whose, mask, targets."""
        pad, _, first, last, _ = (tokenizer.token_to_id(name) for name in SPECIAL)
        shape = (len(rows), 2 + max(len(ids) for ids, _, _ in rows))
        made = [np.full(shape, pad), np.full(shape, own), np.zeros(shape), np.full(shape, IGNORED)]
        for place, (ids, by_student, targets) in enumerate(rows):
            end = len(ids) + 1
            made[0][place, 0], made[0][place, end] = first, last
            made[0][place, 1:end], made[1][place, 1:end] = ids, by_student
            made[2][place, : end + 1], made[3][place, 1:end] = 1, targets
        return tuple(torch.from_numpy(one.astype(np.int64)).to(self.device) for one in made)


def mixers(
    job: Job, student: Tokenizer, texts: tuple[Text, Text], rate: float
) -> tuple[Mixer, Mixer]:
    """Batches from the text to learn from, and from that to judge by."""
    own = job.teacher.tokenizer
    first, second = (
        Mixer(word_rows(one, job.max_length, own, student), own, student, job.device, rate)
        for one in texts
    )
    return first, second


def mixed_feed(mixer: Mixer, model: DualModel, share: float, ramped: bool) -> tuple[Feed, Callable[[float], Mapping[str, float]]]:  # fmt: skip
    """Mixed batches, and what to do after each step so that a ramp moves on and is plotted."""
    seen = {"share": 0.0, "wanted": 0.0}

    def batch(rows: np.ndarray, seed: int) -> MixedBatch:
        seen["wanted"] = probability(share, ramped, float(model.progress))
        made = mixer.batch(rows, seen["wanted"], np.random.default_rng(seed))
        seen["share"] = made.share
        return made

    def after_step(progress: float) -> dict[str, float]:
        model.progress.fill_(progress)
        return {"mixing/student_pieces": seen["share"], "mixing/probability": seen["wanted"]}

    return Feed(mixer.words.lengths, batch), after_step
