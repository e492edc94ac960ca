"""Series: growing, replacing, smoothing and thinning."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts.series import Series


def made(values: list[float]) -> Series:
    one = Series()
    one.extend(range(len(values)), values)
    return one


def test_points_are_kept_in_order_across_batches() -> None:
    one = Series()
    for start in range(0, 1000, 100):
        one.extend(range(start, start + 100), np.arange(start, start + 100.0))
    assert one.steps.tolist() == list(range(1000))
    assert one.values[-1] == 999


def test_repeated_step_replaces_its_point() -> None:
    one = made([1.0, 2.0, 3.0])
    one.extend([1, 3], [9.0, 4.0])
    assert one.steps.tolist() == [0, 1, 2, 3]
    assert one.values.tolist() == [1.0, 9.0, 3.0, 4.0]


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(-9, 9)), min_size=1, max_size=60))
def test_any_order_ends_as_a_rising_table(points: list[tuple[int, float]]) -> None:
    one = Series()
    for step, value in points:
        one.extend([step], [value])
    expected = dict(points)
    assert dict(zip(one.steps.tolist(), one.values.tolist(), strict=True)) == expected
    assert np.all(np.diff(one.steps) > 0)


def test_smoothing_begins_as_a_mean() -> None:
    assert made([1.0, 3.0, 5.0]).smooth.tolist() == pytest.approx([1.0, 2.0, 3.0])


def test_smoothing_is_the_same_in_one_batch_or_many() -> None:
    values = np.sin(np.arange(300.0)).tolist()
    one, many = made(values), Series()
    for step, value in enumerate(values):
        many.extend([step], [value])
    assert np.allclose(one.smooth, many.smooth)


def test_unknown_values_do_not_spoil_the_mean() -> None:
    one = made([1.0, float("nan"), 3.0])
    assert one.smooth[-1] == pytest.approx(2.0)
    assert one.last == 3.0


def test_thinning_keeps_every_peak() -> None:
    values = np.zeros(20_000)
    values[12_345], values[7] = 5.0, -5.0
    x, y = made(values.tolist()).raw()
    assert len(x) == len(y) <= 2000
    assert (y.max(), y.min()) == (5.0, -5.0)


def test_smoothed_curve_ends_at_the_last_point() -> None:
    x, _ = made(np.zeros(20_000).tolist()).smoothed()
    assert x[-1] == 19_999
    assert len(x) <= 600
