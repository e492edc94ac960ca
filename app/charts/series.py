"""Points of one metric in growing arrays, smoothed as they come and thinned for drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

MOST_DRAWN = 2000  # points of one curve on the screen
MOST_SMOOTH = 600  # a smoothed curve has no more to show than a chart has pixels
WEIGHT = 0.1  # of a new point in the smoothed curve


class Series:
    """Steps, values and their running mean; a step that is said again replaces its point."""

    def __init__(self) -> None:
        self._steps = np.empty(256, np.int64)
        self._values = np.empty(256, np.float64)
        self._smooth = np.empty(256, np.float64)
        self._count = self._finite = 0
        self._mean = math.nan

    def __len__(self) -> int:
        return self._count

    @property
    def steps(self) -> np.ndarray:
        """int64 [points], rising."""
        return self._steps[: self._count]

    @property
    def values(self) -> np.ndarray:
        """float64 [points]; NaN where the value was not finite."""
        return self._values[: self._count]

    @property
    def smooth(self) -> np.ndarray:
        """float64 [points]: a mean of all points at first, then one that forgets."""
        return self._smooth[: self._count]

    @property
    def last(self) -> float | None:
        """The newest finite value."""
        finite = np.flatnonzero(np.isfinite(self.values))
        return float(self.values[finite[-1]]) if len(finite) else None

    def extend(
        self, steps: Sequence[int] | np.ndarray, values: Sequence[float] | np.ndarray
    ) -> None:
        """Add points in any order."""
        fresh, numbers = np.asarray(steps, np.int64), np.asarray(values, np.float64)
        if not len(fresh):
            return
        ordered = bool(np.all(np.diff(fresh) > 0))
        if not ordered or (self._count and fresh[0] <= self._steps[self._count - 1]):
            fresh, numbers = self._merged(fresh, numbers)
            self._count, self._finite, self._mean = 0, 0, math.nan
        first, end = self._count, self._count + len(fresh)
        self._reserve(end)
        self._steps[first:end], self._values[first:end] = fresh, numbers
        self._count = end
        self._smooth[first:end] = self._means(numbers)

    def raw(self, most: int = MOST_DRAWN) -> tuple[np.ndarray, np.ndarray]:
        """At most `most` points that keep every peak: smallest and largest of each part."""
        count = self._count
        if count <= most:
            return self.steps.astype(np.float64), self.values
        edges = np.linspace(0, count, most // 2, endpoint=False).astype(np.int64)
        x = np.repeat(self.steps[edges].astype(np.float64), 2)
        y = np.empty(len(x))
        y[::2] = np.fmin.reduceat(self.values, edges)
        y[1::2] = np.fmax.reduceat(self.values, edges)
        return x, y

    def smoothed(self, most: int = MOST_SMOOTH) -> tuple[np.ndarray, np.ndarray]:
        """At most `most` points of the smoothed curve, the last one included."""
        count = self._count
        if count <= most:
            return self.steps.astype(np.float64), self.smooth
        chosen = np.linspace(0, count - 1, most).astype(np.int64)
        return self.steps[chosen].astype(np.float64), self.smooth[chosen]

    def _merged(self, steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Old and new points by step; of two at one step the newer."""
        every = np.concatenate([self.steps, steps])
        numbers = np.concatenate([self.values, values])
        _, newest = np.unique(every[::-1], return_index=True)
        chosen = len(every) - 1 - newest
        return every[chosen], numbers[chosen]

    def _reserve(self, size: int) -> None:
        if size <= len(self._steps):
            return
        room = max(size, 2 * len(self._steps))
        for name in ("_steps", "_values", "_smooth"):
            old = getattr(self, name)
            new = np.empty(room, old.dtype)
            new[: self._count] = old[: self._count]
            setattr(self, name, new)

    def _means(self, values: np.ndarray) -> list[float]:
        found, mean, count = [], self._mean, self._finite
        for value in values.tolist():
            if math.isfinite(value):
                count += 1
                mean = value if count == 1 else mean + max(WEIGHT, 1 / count) * (value - mean)
            found.append(mean)
        self._mean, self._finite = mean, count
        return found
