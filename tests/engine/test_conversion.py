"""An ALBERT from a teacher: the same answers where nothing is lost, else means or chosen layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from jobs import SIZES, config_for, tiny_model

from engine.architectures import ARCHITECTURES
from engine.batches import Encoded
from engine.conversion import to_albert
from engine.models import Loaded
from engine.parts import FAMILIES
from engine.sharing import stored_layers

IDS = torch.tensor([[2, 5, 6, 7, 3], [2, 9, 3, 0, 0]])
ROWS = [np.asarray(row) for row in ([2, 5, 6, 7, 3], [2, 9, 3])]
READ = Encoded(ROWS, [row * 0 for row in ROWS], None, np.asarray([5, 3]), 0)


def teacher_of(key: str) -> Loaded:
    extra: dict[str, Any] = {"pad_token_id": 0} if key == "roberta" else {}
    if key == "albert":
        extra = {"num_hidden_groups": 3, "hidden_act": "gelu"}
    config = config_for(key, **extra)
    model = tiny_model(key, **extra).eval()
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return Loaded(model, None, ARCHITECTURES[key], config, ("bad", "good"))  # type: ignore[arg-type]


def student_of(teacher: Loaded, layer: int | None = None, **changes: Any) -> torch.nn.Module:
    shape = teacher.architecture.shape(teacher.config, 2)
    values = {
        "vocab_size": shape.vocabulary, "max_position_embeddings": shape.positions,
        "hidden_size": 16, "num_hidden_layers": shape.layers, "num_hidden_groups": shape.layers,
        "num_attention_heads": 2, "intermediate_size": 24, "embedding_size": 16,
        "type_vocab_size": max(1, shape.types), "hidden_act": "gelu",
        "layer_norm_eps": teacher.config.get("layer_norm_eps", 1e-12), **changes,
    }  # fmt: skip
    config = ARCHITECTURES["albert"].fields(**values).model_dump()
    return to_albert(teacher, config, READ, layer, 0)[0].eval()


def weights(model: Any, place: int, path: str) -> torch.Tensor:
    return stored_layers(model)[place].get_submodule(path).weight


@pytest.mark.parametrize("key", list(SIZES))
def test_with_nothing_shared_the_encoder_stays_the_same(key: str) -> None:
    teacher = teacher_of(key)
    mask = (IDS > 0).long()
    wanted = teacher.model.base_model(IDS, attention_mask=mask).last_hidden_state
    found = student_of(teacher).base_model(IDS, attention_mask=mask).last_hidden_state
    assert torch.allclose(found[mask > 0], wanted[mask > 0], atol=1e-4)


@pytest.mark.parametrize("key", ["bert", "roberta", "albert"])
def test_a_head_that_works_alike_is_taken_over(key: str) -> None:
    teacher = teacher_of(key)
    wanted = teacher.model(IDS, attention_mask=(IDS > 0).long()).logits
    found = student_of(teacher)(IDS, attention_mask=(IDS > 0).long()).logits
    assert torch.allclose(found, wanted, atol=1e-4)


@pytest.mark.parametrize(
    ("sharing", "query", "ffn"),
    [
        ({"num_hidden_groups": 1}, [[0, 1, 2]], [[0, 1, 2]]),
        ({"num_hidden_groups": 2}, [[0, 1], [2]], [[0, 1], [2]]),
        ({"shared_part": "attention"}, [[0, 1, 2]], [[0], [1], [2]]),
        ({"shared_part": "feed_forward"}, [[0], [1], [2]], [[0, 1, 2]]),
    ],
)
def test_a_stored_part_is_the_mean_of_those_it_stands_for(
    sharing: dict[str, Any], query: list[list[int]], ffn: list[list[int]]
) -> None:
    teacher = teacher_of("bert")
    student, parts = student_of(teacher, **sharing), FAMILIES["bert"]
    own = [layer for _, layer in parts.layers(teacher.model)]
    for path, theirs, spans in (("attention.query", parts.query, query), ("ffn", parts.up, ffn)):
        for place, span in enumerate(spans):
            mean = torch.stack([own[i].get_submodule(theirs).weight for i in span]).mean(0)
            assert torch.allclose(weights(student, place, path), mean)


def test_a_chosen_layer_fills_the_shared_one() -> None:
    teacher = teacher_of("bert")
    student = student_of(teacher, 2, num_hidden_groups=1)
    second = FAMILIES["bert"].layers(teacher.model)[1][1]
    assert torch.equal(
        weights(student, 0, "ffn"), second.get_submodule("intermediate.dense").weight
    )


def test_a_narrow_table_loses_some_of_the_embedding() -> None:
    teacher = teacher_of("bert")
    config = {**student_of(teacher).config.to_dict(), "embedding_size": 6, "shared_part": ""}
    student, kept = to_albert(teacher, config_for("albert", **_sizes(config)), READ, None, 0)
    assert 0.3 < kept < 0.99
    assert student.albert.embeddings.word_embeddings.weight.shape == (17, 6)


def _sizes(config: dict[str, Any]) -> dict[str, Any]:
    names = ("embedding_size", "max_position_embeddings", "vocab_size")
    return {name: config[name] for name in names}
