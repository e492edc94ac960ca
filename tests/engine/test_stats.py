"""The statistics equal hand computations and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import stats

binomtest = pytest.importorskip("scipy.stats").binomtest


def test_wilson_equals_scipy():
    expected = binomtest(91, 100).proportion_ci(0.95, method="wilson")
    assert stats.wilson(91, 100) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_wilson_of_nothing_is_everything():
    assert stats.wilson(0, 0) == (0.0, 1.0)


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_holds_the_share(correct, n):
    correct = min(correct, n)
    low, high = stats.wilson(correct, n)
    assert 0 <= low <= correct / n + 1e-12
    assert correct / n - 1e-12 <= high <= 1


@pytest.mark.parametrize(("b", "c"), [(0, 0), (1, 0), (0, 7), (12, 5), (30, 30), (41, 12)])
def test_mcnemar_equals_scipy(b, c):
    expected = binomtest(b, b + c).pvalue if b + c else 1.0
    assert stats.mcnemar_exact(b, c) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("b", "c"), [(2600, 2400), (4000, 3900), (3000, 0), (10000, 9700)])
def test_mcnemar_is_exact_for_thousands(b, c):
    assert stats.mcnemar_exact(b, c) == pytest.approx(binomtest(b, b + c).pvalue, rel=1e-7)


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_does_not_care_which_side(b, c):
    assert stats.mcnemar_exact(b, c) == stats.mcnemar_exact(c, b)


def test_macro_f1_by_hand():
    labels, predicted = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 0, 2])
    by_hand = (2 * 2 / (3 + 3) + 2 * 1 / (2 + 2) + 2 * 1 / (1 + 1)) / 3
    assert stats.macro_f1(labels, predicted) == pytest.approx(by_hand)


def test_macro_f1_counts_a_class_only_ever_predicted_as_zero():
    labels, predicted = np.array([0, 0, 0, 1]), np.array([0, 0, 2, 1])
    assert stats.macro_f1(labels, predicted) == pytest.approx((4 / 5 + 1 + 0) / 3)


def test_confusion_rows_are_the_truth():
    counts = stats.confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    assert counts.tolist() == [[1, 1], [0, 1]]


def test_pareto_keeps_what_nothing_beats():
    assert stats.pareto([30, 10, 20, 40], [0.90, 0.80, 0.79, 0.95]) == [1, 0, 3]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12))
def test_no_point_beats_one_on_the_front(points):
    front = stats.pareto([cost for cost, _ in points], [gain for _, gain in points])
    for i in front:
        cost, gain = points[i]
        assert not any((c < cost and g >= gain) or (c <= cost and g > gain) for c, g in points)
