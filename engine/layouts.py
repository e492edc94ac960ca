"""How outputs of different length per row lie in one flat array on the disk."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class Layout:
    """Values of every row of a split; `shape` is that of one row, None standing for its length.

    (2,) is a row of two numbers; (3, None, 16) a vector of 16 for each piece, three times;
    (3, 2, None, None) a number for each pair of pieces.
    """

    def __init__(self, shape: tuple[int | None, ...], lengths: Array) -> None:
        self.shape, self.lengths = shape, lengths
        sizes = [int(np.prod(self.of_length(int(length)))) for length in lengths]
        self._edges = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])

    @property
    def total(self) -> int:
        """Numbers in all rows together."""
        return int(self._edges[-1])

    def of_length(self, length: int) -> tuple[int, ...]:
        """The shape of a row of so many pieces."""
        return tuple(length if one is None else one for one in self.shape)

    def write(self, flat: Array, rows: Array, values: Array) -> None:
        """Put a padded batch [rows, *shape] into the flat array."""
        for place, row in enumerate(rows):
            start, end = self._edges[row], self._edges[row + 1]
            flat[start:end] = values[place][self._real(row)].reshape(-1)

    def read(self, flat: Array, rows: Array) -> Array:
        """A padded batch [rows, *shape], zero at the padding."""
        width = int(self.lengths[rows].max())
        found = np.zeros((len(rows), *self.of_length(width)), flat.dtype)
        for place, row in enumerate(rows):
            start, end = self._edges[row], self._edges[row + 1]
            shape = self.of_length(int(self.lengths[row]))
            found[place][self._real(row)] = flat[start:end].reshape(shape)
        return found

    def _real(self, row: Any) -> tuple[slice, ...]:
        """Where a row's real pieces stand in its padded values."""
        return tuple(slice(one) for one in self.of_length(int(self.lengths[row])))
