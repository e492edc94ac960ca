"""Values of rows of different length go into a flat array and come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.layouts import Layout

SHAPES: list[tuple[int | None, ...]] = [(3,), (2, 3), (2, None, 3), (2, 2, None, None)]


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(SHAPES), st.lists(st.integers(1, 6), min_size=1, max_size=8))
def test_what_is_written_is_read_and_padding_is_zero(
    shape: tuple[int | None, ...], lengths: list[int]
) -> None:
    layout = Layout(shape, np.array(lengths))
    flat = np.zeros(layout.total, np.float32)
    for row, length in enumerate(lengths):  # each in a wider batch of its own
        batch = np.full((1, *layout.of_length(length + 2)), float(row + 1), np.float32)
        layout.write(flat, np.array([row]), batch)
    found = layout.read(flat, np.arange(len(lengths)))
    assert found.shape == (len(lengths), *layout.of_length(max(lengths)))
    for row, length in enumerate(lengths):
        real = int(np.prod(layout.of_length(length)))
        assert np.count_nonzero(found[row]) == np.count_nonzero(found[row] == row + 1) == real


def test_rows_lie_one_after_the_other_without_gaps() -> None:
    layout = Layout((2, None, 5), np.array([1, 4, 2]))
    assert layout.total == 2 * 5 * 7
    flat = np.arange(layout.total, dtype=np.float32)
    assert layout.read(flat, np.array([1]))[0, 0, 0].tolist() == [10, 11, 12, 13, 14]


def test_rows_come_in_the_order_that_was_asked() -> None:
    layout = Layout((1,), np.array([3, 9, 4]))
    flat = np.array([10.0, 20.0, 30.0])
    assert layout.read(flat, np.array([2, 0, 2]))[:, 0].tolist() == [30, 10, 30]
    with pytest.raises(IndexError):
        layout.read(flat, np.array([3]))
