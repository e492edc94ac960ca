"""Tokenise once, then cut into batches of similar length, in an order that a seed decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer

from engine.data import Split

POOL = 50


@dataclass
class Encoded:
    """A split as word pieces: ragged `ids` and `types` (int32), `labels` int64 or None."""

    ids: list[np.ndarray]
    types: list[np.ndarray]
    labels: np.ndarray | None
    lengths: np.ndarray
    pad: int

    def __len__(self) -> int:
        return len(self.ids)


@dataclass
class Batch:
    """Tensors [batch, length]; `rows` are the positions in the split, `tokens` the real pieces.

    `seed` differs from step to step and is the same when a killed run repeats the step.
    """

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    token_type_ids: torch.Tensor
    labels: torch.Tensor | None
    rows: np.ndarray
    tokens: int
    seed: int = 0

    @property
    def inputs(self) -> dict[str, torch.Tensor]:
        """The keyword arguments a model takes."""
        return {
            "input_ids": self.input_ids,
            "attention_mask": self.attention_mask,
            "token_type_ids": self.token_type_ids,
        }


def encode(tokenizer: Tokenizer, split: Split, max_length: int, pad: int) -> Encoded:
    """Tokenise a split; sentences longer than `max_length` pieces are cut, pairs longest first."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length)
    texts = list(split.texts[0]) if len(split.texts) == 1 else list(zip(*split.texts, strict=True))
    found = tokenizer.encode_batch(texts)
    ids = [np.asarray(one.ids, np.int32) for one in found]
    return Encoded(
        ids=ids, types=[np.asarray(one.type_ids, np.int32) for one in found], labels=split.labels,
        lengths=np.asarray([len(one) for one in ids]), pad=pad,
    )  # fmt: skip


def collate(encoded: Encoded, rows: np.ndarray, device: torch.device, types: int) -> Batch:
    """Pad the rows to the longest of them; models with one token type get zeros."""
    width = max(1, int(encoded.lengths[rows].max()))
    ids = np.full((len(rows), width), encoded.pad, np.int64)
    mask = np.zeros((len(rows), width), np.int64)
    kinds = np.zeros((len(rows), width), np.int64)
    for place, row in enumerate(rows):
        size = encoded.lengths[row]
        ids[place, :size] = encoded.ids[row]
        mask[place, :size] = 1
        if types > 1:
            kinds[place, :size] = encoded.types[row]
    labels = None if encoded.labels is None else torch.from_numpy(encoded.labels[rows]).to(device)
    return Batch(
        torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device),
        torch.from_numpy(kinds).to(device), labels, rows, int(encoded.lengths[rows].sum()),
    )  # fmt: skip


def shuffled(lengths: np.ndarray, batch_size: int, seed: int) -> list[np.ndarray]:
    """Every row once, in batches of similar length, shuffled by `seed` alone.

    Rows are shuffled, cut into pools of 50 batches, each pool is sorted by length and cut into
    batches, and the batches are shuffled, so little is padded and the order stays random.
    """
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(lengths))
    pool = batch_size * POOL
    batches = []
    for start in range(0, len(order), pool):
        part = order[start : start + pool]
        part = part[np.argsort(lengths[part], kind="stable")]
        batches += [part[i : i + batch_size] for i in range(0, len(part), batch_size)]
    return [batches[i] for i in generator.permutation(len(batches))]


def by_length(lengths: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
    """Every row once, shortest first: the cheapest order for reading."""
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]
