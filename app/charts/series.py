"""Points of one metric in growing arrays, smoothed as they come and thinned for drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.stage_changes import parts_of

MOST_DRAWN = 2000  # points of one curve on the screen
MOST_SMOOTH = 600  # a smoothed curve has no more to show than a chart has pixels
WEIGHT = 0.1  # of a new point in the smoothed curve


class Series:
    """Steps, values and their running mean; a step that is said again replaces its point.

    Points of different stages are neither joined nor averaged together.
    """

    def __init__(self) -> None:
        self._steps = np.empty(256, np.int64)
        self._values = np.empty(256, np.float64)
        self._smooth = np.empty(256, np.float64)
        self._count = self._finite = 0
        self._mean = math.nan
        self._bounds = np.empty(0, np.int64)
        self._part = -1

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
            self._restart()
            self._count = 0
        first, end = self._count, self._count + len(fresh)
        self._reserve(end)
        self._steps[first:end], self._values[first:end] = fresh, numbers
        self._count = end
        self._smooth[first:end] = self._means(fresh, numbers)

    def part_at(self, bounds: np.ndarray) -> None:
        """Begin anew after each of these steps, int64 [changes], rising."""
        if not np.array_equal(bounds, self._bounds):
            self._bounds = bounds
            self._restart()
            self._smooth[: self._count] = self._means(self.steps, self.values)

    def _restart(self) -> None:
        self._finite, self._mean, self._part = 0, math.nan, -1

    def raw(self, most: int = MOST_DRAWN) -> tuple[np.ndarray, np.ndarray]:
        """At most `most` points that keep every peak; NaN stands between two stages."""
        count = self._count
        if count <= most:
            return self._apart(self.steps, self.values)
        edges = np.linspace(0, count, most // 2, endpoint=False).astype(np.int64)
        x = np.repeat(self.steps[edges], 2)
        y = np.empty(len(x))
        y[::2] = np.fmin.reduceat(self.values, edges)
        y[1::2] = np.fmax.reduceat(self.values, edges)
        return self._apart(x, y)

    def smoothed(self, most: int = MOST_SMOOTH) -> tuple[np.ndarray, np.ndarray]:
        """At most `most` points of the smoothed curve, the last one included; NaN between stages."""
        count = self._count
        if count <= most:
            return self._apart(self.steps, self.smooth)
        chosen = np.linspace(0, count - 1, most).astype(np.int64)
        return self._apart(self.steps[chosen], self.smooth[chosen])

    def _apart(self, steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """float64 steps and values with a gap at each change of stage that has points around it."""
        x = steps.astype(np.float64)
        gaps = np.flatnonzero(np.diff(parts_of(steps, self._bounds))) + 1
        return np.insert(x, gaps, x[gaps]), np.insert(values, gaps, np.nan)

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

    def _means(self, steps: np.ndarray, values: np.ndarray) -> list[float]:
        found = []
        parts = parts_of(steps, self._bounds).tolist()
        for value, part in zip(values.tolist(), parts, strict=True):
            if part != self._part:
                self._finite, self._mean, self._part = 0, math.nan, part
            if math.isfinite(value):
                self._finite += 1
                weight = max(WEIGHT, 1 / self._finite)
                self._mean = (
                    value if self._finite == 1 else self._mean + weight * (value - self._mean)
                )
            found.append(self._mean)
        return found
