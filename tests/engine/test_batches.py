"""Order and padding: every row once, the same seed the same order, little padding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jobs import VOCABULARY, tiny_tokenizer

from engine.batches import by_length, collate, encode, shuffled
from engine.data import Split

LENGTHS = st.lists(st.integers(1, 64), min_size=1, max_size=300).map(np.asarray)
few = settings(deadline=None, max_examples=30)


@few
@given(LENGTHS, st.integers(1, 40), st.integers(0, 2**31))
def test_every_row_comes_once_an_epoch(lengths: np.ndarray, size: int, seed: int) -> None:
    batches = shuffled(lengths, size, seed)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert max(len(batch) for batch in batches) <= size
    assert len(batches) == -(-len(lengths) // size)


@few
@given(LENGTHS, st.integers(0, 2**31))
def test_the_seed_alone_decides_the_order(lengths: np.ndarray, seed: int) -> None:
    np.random.seed(3)
    one, other = shuffled(lengths, 8, seed), shuffled(lengths, 8, seed)
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_another_epoch_has_another_order() -> None:
    lengths = np.random.default_rng(0).integers(1, 64, 200)
    one, other = shuffled(lengths, 8, 1), shuffled(lengths, 8, 2)
    assert any(not np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_similar_lengths_lie_together_and_batches_are_mixed() -> None:
    lengths = np.random.default_rng(0).integers(1, 64, 1600)
    batches = shuffled(lengths, 16, 0)
    spread = np.mean([np.ptp(lengths[batch]) for batch in batches])
    means = np.array([lengths[batch].mean() for batch in batches])
    assert spread < 0.1 * np.ptp(lengths)
    assert not (np.diff(means) >= 0).all()


@few
@given(LENGTHS, st.integers(1, 40))
def test_reading_goes_from_short_to_long(lengths: np.ndarray, size: int) -> None:
    order = np.concatenate(list(by_length(lengths, size)))
    assert sorted(order.tolist()) == list(range(len(lengths)))
    assert (np.diff(lengths[order]) >= 0).all()


# Tensors ------------------------------------------------------------------------------------


def encoded(folder: Path, *columns: list[str], max_length: int = 16):  # type: ignore[no-untyped-def]
    split = Split("train", columns, np.arange(len(columns[0]), dtype=np.int64))
    return encode(tiny_tokenizer(folder), split, max_length, 0)


def test_a_batch_is_padded_to_its_own_longest_row(tmp_path: Path) -> None:
    found = encoded(tmp_path, ["good", "the film is good", "bad plot was very very bad"])
    batch = collate(found, np.array([1, 0]), torch.device("cpu"), types=2)
    assert batch.input_ids.shape == (2, 6)
    assert batch.input_ids[1].tolist() == [2, VOCABULARY.index("good"), 3, 0, 0, 0]
    assert batch.attention_mask[1].tolist() == [1, 1, 1, 0, 0, 0]
    assert batch.labels is not None
    assert (batch.labels.tolist(), batch.tokens) == ([1, 0], 9)


@pytest.mark.parametrize(("types", "kinds"), [(2, [0, 0, 0, 1, 1]), (1, [0, 0, 0, 0, 0])])
def test_pairs_have_two_kinds_where_the_model_has(
    types: int, kinds: list[int], tmp_path: Path
) -> None:
    found = encoded(tmp_path, ["good"], ["bad"])
    batch = collate(found, np.array([0]), torch.device("cpu"), types)
    assert batch.token_type_ids.tolist() == [kinds]


def test_long_sentences_are_cut(tmp_path: Path) -> None:
    found = encoded(tmp_path, ["good " * 100, "bad"], max_length=8)
    assert found.lengths.tolist() == [8, 3]
    assert found.ids[0][-1] == 3


def test_a_long_pair_is_cut_at_its_longer_side(tmp_path: Path) -> None:
    found = encoded(tmp_path, ["good " * 100], ["bad"], max_length=9)
    assert found.lengths.tolist() == [9]
    assert found.types[0].tolist().count(1) == 2
