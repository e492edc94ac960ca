"""The architecture of an encoder as plain numbers, enough to count its parameters and bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace

RECURRENT = "bilstm"


@dataclass(frozen=True)
class Shape:
    """Sizes of a BERT-like classifier; counts follow the fact sheet's closed form.

    `embedding` is 0 where it is as wide as `hidden`; `groups` is how many layers are stored, 0
    for all of them. In a recurrent model ("bilstm") `hidden` is the width of both directions
    together, `embedding` is always given, and `feed_forward` is the width of a dense map before
    the head, 0 without one. `shared_part` is "attention" or "feed_forward" where all layers use
    one, each with the rest of its own.
    """

    architecture: str
    layers: int
    hidden: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    labels: int
    embedding: int = 0
    shared_layers: bool = False
    pooler: bool = True
    groups: int = 0
    shared_part: str = ""

    def resized(self, **changes: int) -> Shape:
        """Return the same shape with some sizes changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def embedding_parameters(self) -> int:
        """Word, position and type tables, their LayerNorm and the projection to `hidden`."""
        if self.architecture == RECURRENT:
            return self.vocabulary * self.embedding
        width = self.embedding or self.hidden
        count = (self.vocabulary + self.positions + self.types) * width + 2 * width
        projected = width != self.hidden or self.architecture == "albert"  # which always has one
        return count + ((width + 1) * self.hidden if projected else 0)

    @property
    def layer_parameters(self) -> int:
        """One encoder layer: attention, feed-forward and two LayerNorms.

        In a recurrent model the mean of its layers, each with eight gates over input and state.
        """
        if self.architecture == RECURRENT:
            own = self.hidden // 2
            inputs = self.embedding + (self.layers - 1) * self.hidden
            return 8 * own * (inputs + self.layers * (own + 2)) // self.layers
        h, f = self.hidden, self.feed_forward
        return 4 * (h * h + h) + 2 * h * f + f + h + 4 * h

    @property
    def shared_parameters(self) -> int:
        """What one layer uses together with all others: attention or feed-forward, LayerNorm too."""
        h, f = self.hidden, self.feed_forward
        parts = {"attention": 4 * (h * h + h) + 2 * h, "feed_forward": 2 * h * f + f + h + 2 * h}
        return parts.get(self.shared_part, 0)

    @property
    def head_parameters(self) -> int:
        """Pooler (or the head's dense layer) and the output layer."""
        if self.architecture == RECURRENT:
            read = self.feed_forward or self.hidden
            dense = (self.hidden + 1) * self.feed_forward
            return dense + (read + 1) * self.labels
        dense = self.hidden * self.hidden + self.hidden if self.pooler else 0
        return dense + self.hidden * self.labels + self.labels

    @property
    def parameters(self) -> int:
        """All stored parameters; a shared layer counts once."""
        stored = 1 if self.shared_layers else min(self.groups or self.layers, self.layers)
        layers = stored * self.layer_parameters - (stored - 1) * self.shared_parameters
        return self.embedding_parameters + layers + self.head_parameters

    @property
    def bytes(self) -> int:
        """Bytes of the float32 weights."""
        return 4 * self.parameters


@dataclass(frozen=True)
class Forecast:
    """What a method will make of a teacher, known before training; never an accuracy.

    `links` are pairs (teacher layer, student layer), counted from 1, that learn from each other.
    """

    student: Shape
    links: tuple[tuple[int, int], ...] = ()
