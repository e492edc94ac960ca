"""Ticks and their words."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts import ticks
from app.charts.plot_axis import spread


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_ticks_are_few_and_inside(low: float, width: float) -> None:
    found = ticks.nice(low, low + width)
    assert 1 <= len(found) <= ticks.MOST
    assert all(low - width * 1e-6 <= one <= low + width * (1 + 1e-6) for one in found)


def test_log_ticks_are_one_two_five_over_a_decade() -> None:
    found = [round(10**one, 3) for one in ticks.decades(math.log10(0.08), math.log10(1.2))]
    assert found == [0.1, 0.2, 0.5, 1.0]


def test_log_ticks_are_few_over_many_decades() -> None:
    assert 2 <= len(ticks.decades(-9.0, 9.0)) <= ticks.MOST


def test_empty_or_endless_range_has_no_ticks() -> None:
    assert ticks.nice(1.0, 1.0) == ticks.decades(float("nan"), 1.0) == []


def test_words() -> None:
    assert ticks.steps(400) == "400"
    assert ticks.steps(12_500) == "12.5\N{NO-BREAK SPACE}k"
    assert ticks.percent(0.94) == "94\N{NO-BREAK SPACE}%"
    assert ticks.logged(-2.0) == "0.01"


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8))
def test_names_never_overlap(wanted: list[float]) -> None:
    tops = spread(sorted(wanted), [16.0] * len(wanted), 0.0, 300.0)
    assert all(b - a >= 16 - 1e-6 for a, b in itertools.pairwise(tops))
    assert tops[0] >= 0
    assert tops[-1] + 16 <= 300 + 1e-6


def test_shares_have_whole_percents() -> None:
    assert ticks.percents(0.785, 0.8) == pytest.approx([0.79, 0.8])


def test_small_powers_are_short() -> None:
    assert ticks.logged(-4.0) == "1e-4"
