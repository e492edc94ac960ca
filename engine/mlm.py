"""Masked-language-model training from plain text: rows, masks, a tied head, losses and checks."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers.activations import ACT2FN

from engine import models
from engine.batches import by_length
from engine.checks import Check, Found
from engine.feeds import Feed
from engine.job import Job
from engine.loop import Loss
from engine.ops.masking import IGNORED, choose_words, corrupt
from engine.sequences import Rows, rows
from engine.wording import percent

__all__ = [
    "MaskedBatch",
    "MaskedHead",
    "MaskedModel",
    "Rows",
    "check",
    "feed",
    "load_head",
    "loss",
    "rows",
]

RATE = 0.15
_HEADS = (  # where families keep dense, norm and output bias of their masked-word head
    ("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.bias"),
    ("lm_head.dense", "lm_head.layer_norm", "lm_head.bias"),
    ("predictions.dense", "predictions.LayerNorm", "predictions.bias"),
    ("vocab_transform", "vocab_layer_norm", "vocab_projector.bias"),
)  # fmt: skip


# Batches ------------------------------------------------------------------------------------


@dataclass
class MaskedBatch:
    """Tensors [batch, length]; `targets` are piece ids, -100 where nothing is to be guessed.

    `order` [batch] is 1 for swapped or foreign segments, None without a sentence task.
    """

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    token_type_ids: torch.Tensor
    targets: torch.Tensor
    order: torch.Tensor | None
    rows: np.ndarray
    tokens: int


def feed(job: Job, text_rows: Rows, *, rate: float = RATE, longest: int = 1) -> Feed:
    """Feed rows with masks drawn anew in every step; `longest` is the longest span of words."""

    def batch(chosen: np.ndarray, seed: int) -> MaskedBatch:
        return _batch(text_rows, chosen, np.random.default_rng(seed), rate, longest, job)

    return Feed(text_rows.lengths, batch)


def _batch(
    text_rows: Rows, chosen: np.ndarray, generator: np.random.Generator, rate: float,
    longest: int, job: Job,
) -> MaskedBatch:  # fmt: skip
    width = int(text_rows.lengths[chosen].max())
    shape = (len(chosen), width)
    ids, targets = np.full(shape, text_rows.pad, np.int64), np.full(shape, IGNORED, np.int64)
    mask, types = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for place, row in enumerate(chosen):
        words, size = text_rows.words[row], int(text_rows.lengths[row])
        pieces = np.bincount(words[words >= 0])
        picked = choose_words(pieces, rate, longest, generator)
        hidden = np.where(words >= 0, picked[np.maximum(words, 0)], False)
        ids[place, :size], targets[place, :size] = corrupt(
            text_rows.ids[row], hidden, text_rows.mask, text_rows.vocabulary, generator
        )
        mask[place, :size] = 1
        if job.types > 1:
            types[place, :size] = text_rows.types[row]
    a, b, c, d = (torch.from_numpy(one).to(job.device) for one in (ids, mask, types, targets))
    order = None
    if text_rows.order is not None:
        order = torch.from_numpy(text_rows.order[chosen]).to(job.device)
    return MaskedBatch(a, b, c, d, order, chosen, int(text_rows.lengths[chosen].sum()))


# The model ----------------------------------------------------------------------------------


class MaskedHead(nn.Module):
    """Dense map, activation and LayerNorm, then the embedding table as decoder, and a bias."""

    def __init__(self, hidden: int, width: int, vocabulary: int, activation: str) -> None:
        super().__init__()
        self.dense = nn.Linear(hidden, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.activation = ACT2FN[activation]
        nn.init.normal_(self.dense.weight, std=0.02)
        nn.init.zeros_(self.dense.bias)

    def forward(self, states: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
        """Scores of every piece, [n, vocabulary], for states [n, hidden]."""
        return functional.linear(self.norm(self.activation(self.dense(states))), table, self.bias)


class MaskedModel(nn.Module):
    """A classifier's encoder, shared with it and not copied, with a head that guesses pieces.

    With `order`, a second head says from the first piece whether two segments belong as they
    stand. The new heads' weights depend on `seed` alone.
    """

    def __init__(self, model: Any, seed: int, *, order: bool = False) -> None:
        super().__init__()
        self.encoder = model.base_model
        table = self.encoder.get_input_embeddings().weight
        hidden = int(model.config.hidden_size)
        kind: str = getattr(model.config, "hidden_act", "") or model.config.activation
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.head = MaskedHead(hidden, table.shape[1], table.shape[0], kind)
            self.order = nn.Linear(hidden, 2) if order else None
        self._taken = frozenset(inspect.signature(self.encoder.forward).parameters)

    def forward(self, batch: MaskedBatch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Scores [masked, vocabulary] and targets [masked] at the hidden places, and the scores
        [batch, 2] of the segments' order.
        """
        given = {
            "input_ids": batch.input_ids, "attention_mask": batch.attention_mask,
            "token_type_ids": batch.token_type_ids,
        }  # fmt: skip
        out = self.encoder(**{name: one for name, one in given.items() if name in self._taken})
        states, hidden = out.last_hidden_state, batch.targets != IGNORED
        table = self.encoder.get_input_embeddings().weight
        scores = self.head(states[hidden], table)
        order = None
        if self.order is not None:
            pooled = getattr(out, "pooler_output", None)
            order = self.order(states[:, 0] if pooled is None else pooled)
        return scores, batch.targets[hidden], order


def load_head(job: Job, model: MaskedModel) -> bool:
    """Give `model` the masked-word head of the teacher's file; False when the file has none."""
    stored = models.read_weights(job.info.folder / "model.safetensors")
    for dense, norm, bias in _HEADS:
        wanted = {
            "dense.weight": f"{dense}.weight", "dense.bias": f"{dense}.bias",
            "norm.weight": f"{norm}.weight", "norm.bias": f"{norm}.bias", "bias": bias,
        }  # fmt: skip
        state = model.head.state_dict()
        if all(
            name in stored and stored[name].shape == state[own].shape
            for own, name in wanted.items()
        ):
            model.head.load_state_dict({own: stored[name] for own, name in wanted.items()})
            return True
    return False


# Losses and checks --------------------------------------------------------------------------


def loss(job: Job) -> Loss:
    """Mean cross-entropy over the hidden pieces, plus that of the segments' order (Lan et al. 2019)."""

    def masked(model: nn.Module, batch: MaskedBatch) -> dict[str, torch.Tensor]:
        with job.setup.autocast():
            scores, targets, order = model(batch)
        parts = {"masked": functional.cross_entropy(scores.float(), targets)}
        if order is not None:
            assert batch.order is not None
            parts["order"] = functional.cross_entropy(order.float(), batch.order)
        return {"loss": torch.stack(list(parts.values())).sum(), **parts}

    return masked


def check(job: Job, held_out: Rows, *, rate: float = RATE, longest: int = 1) -> Check:
    """Judge on held-out text, with the same masks each time: accuracy on hidden pieces, loss."""

    @torch.no_grad()
    def judge(model: nn.Module) -> Found | None:
        model.eval()
        right = total = ordered = pairs = 0
        lost = 0.0
        for place, chosen in enumerate(by_length(held_out.lengths, 32)):
            if job.stopping:
                return None
            batch = _batch(held_out, chosen, np.random.default_rng(place), rate, longest, job)
            with job.setup.autocast():
                scores, targets, order = model(batch)
            right += int((scores.argmax(-1) == targets).sum())
            lost += float(functional.cross_entropy(scores.float(), targets, reduction="sum"))
            total += len(targets)
            if order is not None and batch.order is not None:
                ordered += int((order.argmax(-1) == batch.order).sum())
                pairs += len(chosen)
        values = {"masked/accuracy": right / max(1, total), "masked/loss": lost / max(1, total)}
        if pairs:
            values["order/accuracy"] = ordered / pairs
        words = f"{percent(values['masked/accuracy'])} of the hidden words guessed"
        return Found(values, (-values["masked/loss"],), words)

    return judge
