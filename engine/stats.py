"""Small exact statistics: Wilson's range, McNemar's test, macro F1 and the Pareto front."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

Z_95 = 1.959964


def wilson(correct: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score range of a share, (low, high); (0, 1) when nothing was counted.

    Wilson 1927: (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    """
    if n <= 0:
        return 0.0, 1.0
    share = correct / n
    scale = 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def mcnemar_exact(b: int, c: int) -> float:
    """Two-sided exact p of McNemar's test for `b` and `c` discordant pairs.

    Under chance each discordant pair falls either way with 1/2, so p is twice the smaller tail
    of Binomial(b + c, 1/2), at most 1. The tail is an exact whole number, divided once.
    """
    n, smaller = b + c, min(b, c)
    if 2 * smaller >= n:
        return 1.0
    term = tail = 1
    for i in range(smaller):
        term = term * (n - i) // (i + 1)
        tail += term
    return min(1.0, _ratio(2 * tail, n))


def _ratio(whole: int, power: int) -> float:
    """`whole` / 2**power without overflowing a float."""
    spare = max(0, whole.bit_length() - 64)
    return math.ldexp(float(whole >> spare), spare - power)


def confusion(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts [classes, classes]: row = true class, column = predicted class."""
    flat = np.asarray(labels, np.int64) * classes + np.asarray(predicted, np.int64)
    return np.bincount(flat, minlength=classes * classes).reshape(classes, classes)


def macro_f1(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Mean F1 over every class that is a label or a prediction; 0 for a class never right."""
    present = np.union1d(labels, predicted)
    if not len(present):
        return 0.0
    scores = []
    for one in present:
        hits = int(np.sum((labels == one) & (predicted == one)))
        scores.append(2 * hits / int(np.sum(labels == one) + np.sum(predicted == one)))
    return float(np.mean(scores))


def pareto(costs: Sequence[float], gains: Sequence[float]) -> list[int]:
    """Indices, cheapest first, of the points that no other beats: lower cost and higher gain.

    A point equal to one already kept in both is left out.
    """
    order = sorted(range(len(costs)), key=lambda i: (costs[i], -gains[i]))
    front: list[int] = []
    for i in order:
        if not front or gains[i] > gains[front[-1]]:
            front.append(i)
    return front
