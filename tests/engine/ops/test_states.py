"""Recorded scores are those that the model's own attention is the softmax of."""

from __future__ import annotations

import pytest
import torch
from jobs import tiny_model

from engine.ops.states import recorded
from engine.parts import FAMILIES, projections


@pytest.mark.parametrize("family", list(FAMILIES))
def test_the_softmax_of_the_scores_is_the_models_attention(family: str) -> None:
    model = tiny_model(family).eval()
    model.set_attn_implementation("eager")
    ids = torch.arange(5, 13).view(2, 4)
    heads = model.config.num_attention_heads
    with torch.no_grad(), recorded(projections(family, model), heads) as scores:
        out = model(input_ids=ids, attention_mask=torch.ones_like(ids), output_attentions=True)
    layers = range(1, len(out.attentions) + 1)
    assert len(out.attentions) >= 2
    for own, theirs in zip(scores.of(layers), out.attentions, strict=True):
        assert torch.allclose(own.softmax(-1), theirs, atol=1e-6)


def test_layers_are_given_in_the_order_asked() -> None:
    model = tiny_model("bert").eval()
    ids = torch.arange(5, 9).view(1, 4)
    with torch.no_grad(), recorded(projections("bert", model), 2) as scores:
        model(input_ids=ids)
    third, first = scores.of([3, 1])
    assert torch.equal(first, scores.of([1])[0])
    assert not torch.equal(first, third)


def test_nothing_is_left_on_the_model() -> None:
    model = tiny_model("bert")
    with pytest.raises(RuntimeError), recorded(projections("bert", model), 2):
        raise RuntimeError
    assert not any(module._forward_hooks for module in model.modules())


def test_scores_carry_gradients() -> None:
    model = tiny_model("bert").train()
    with recorded(projections("bert", model), 2) as scores:
        model(input_ids=torch.arange(5, 9).view(1, 4))
    scores.of([2])[0].sum().backward()
    places = projections("bert", model)
    assert places[1][0].weight.grad is not None
    assert places[2][0].weight.grad is None
