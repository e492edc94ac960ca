"""ALBERT's sharing of attention alone or feed-forward alone, which transformers does not know."""

from __future__ import annotations

from typing import Any

from transformers.models.albert.modeling_albert import AlbertLayer

PARTS: dict[str, tuple[str, ...]] = {
    "attention": ("attention",),
    "feed_forward": ("ffn", "ffn_output", "full_layer_layer_norm"),
}


class FollowingLayer(AlbertLayer):
    """A layer that uses another layer's modules where it has none of its own.

    A borrowed module is registered with its lender only, so the state dict, the optimiser and
    the exported file hold it once, and replacing it at the lender replaces it everywhere.
    """

    def __getattr__(self, name: str) -> Any:
        if name in ("attention", *PARTS["feed_forward"]) and name not in self._modules:
            return getattr(self.__dict__["lender"], name)
        return super().__getattr__(name)


def share_part(model: Any, part: str) -> None:
    """Let all stored layers of an ALBERT use the first one's `part`, in place.

    Each half is shared with its own LayerNorm, which gives the parameter counts of Lan et al.
    2019, table 4.
    """
    first, *others = stored_layers(model)
    for layer in others:
        layer.__class__ = FollowingLayer
        layer.__dict__["lender"] = first  # past nn.Module, which would register it
        for name in PARTS[part]:
            delattr(layer, name)


def stored_layers(model: Any) -> list[Any]:
    """An ALBERT's layers as stored, one for each group."""
    return [group.albert_layers[0] for group in model.albert.encoder.albert_layer_groups]
