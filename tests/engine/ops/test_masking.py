"""Masks: whole words, about the wanted share, spans by 1/n, and 80/10/10 of what is chosen."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ops.masking import IGNORED, choose_words, corrupt


def runs(chosen: np.ndarray) -> list[int]:
    """The lengths of the runs of chosen words."""
    return [len(list(group)) for picked, group in itertools.groupby(chosen) if picked]


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(st.integers(1, 4), min_size=1, max_size=60), seed=st.integers(0, 999),
    longest=st.integers(1, 5),
)  # fmt: skip
def test_some_words_are_chosen_but_never_far_too_many(
    pieces: list[int], seed: int, longest: int
) -> None:
    counts = np.asarray(pieces)
    chosen = choose_words(counts, 0.15, longest, np.random.default_rng(seed))
    assert chosen.shape == counts.shape
    assert chosen.any()
    assert counts[chosen].sum() <= max(1, round(0.15 * counts.sum())) + 4 * longest


def test_no_words_give_no_choice() -> None:
    assert choose_words(np.zeros(0, int), 0.15, 3, np.random.default_rng(0)).shape == (0,)


@pytest.mark.parametrize("longest", [1, 3])
def test_about_the_wanted_share_of_pieces_is_chosen(longest: int) -> None:
    generator = np.random.default_rng(0)
    pieces = generator.integers(1, 4, 400)
    shares = [
        pieces[choose_words(pieces, 0.15, longest, generator)].sum() / pieces.sum()
        for _ in range(300)
    ]
    assert np.mean(shares) == pytest.approx(0.15, abs=0.004)


def test_spans_of_one_two_three_come_as_six_three_two() -> None:
    generator = np.random.default_rng(1)
    found = [
        length
        for _ in range(3000)
        for length in runs(choose_words(np.ones(3000, int), 0.01, 3, generator))
    ]
    counts = np.asarray([found.count(length) for length in (1, 2, 3)]) / len(found)
    assert counts == pytest.approx(np.asarray([6, 3, 2]) / 11, abs=0.02)


def test_single_words_are_chosen_one_by_one() -> None:
    generator = np.random.default_rng(2)
    found = [
        n for _ in range(300) for n in runs(choose_words(np.ones(900, int), 0.01, 1, generator))
    ]
    assert np.mean(np.asarray(found) == 1) > 0.97  # neighbours may meet by chance


def test_the_same_seed_chooses_the_same() -> None:
    pieces = np.ones(50, int)
    one, other = (choose_words(pieces, 0.3, 3, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one, other)


def test_chosen_pieces_become_mask_random_or_stay() -> None:
    ids, chosen = np.full(60_000, 7), np.arange(60_000) % 2 == 0
    read, targets = corrupt(ids, chosen, 4, 1000, np.random.default_rng(0))
    hidden = read[chosen]
    assert np.mean(hidden == 4) == pytest.approx(0.8, abs=0.01)
    assert np.mean(hidden == 7) == pytest.approx(0.1, abs=0.01)
    assert np.mean((hidden != 4) & (hidden != 7)) == pytest.approx(0.1, abs=0.01)
    assert np.array_equal(targets[chosen], ids[chosen])


def test_other_pieces_are_left_alone() -> None:
    ids, chosen = np.arange(500), np.arange(500) < 50
    read, targets = corrupt(ids, chosen, 4, 1000, np.random.default_rng(0))
    assert np.array_equal(read[50:], ids[50:])
    assert set(targets[50:]) == {IGNORED}
