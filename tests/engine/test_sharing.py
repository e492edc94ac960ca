"""Shared layers: one copy in memory, in the state dict and in the file, and summed gradients."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from jobs import config_for, model_folder, tiny_model
from torch import nn

from engine import models
from engine.architectures import ARCHITECTURES, checked_config
from engine.counts import count_parameters
from engine.errors import BadInput
from engine.export import check_export, export_model
from engine.models import Loaded
from engine.sharing import stored_layers
from engine.teacher import inspect_folder

KINDS = {
    "all": {"num_hidden_groups": 1},
    "groups": {"num_hidden_groups": 2},
    "attention": {"num_hidden_groups": 3, "shared_part": "attention"},
    "feed_forward": {"num_hidden_groups": 3, "shared_part": "feed_forward"},
    "none": {"num_hidden_groups": 3},
}
IDS = torch.tensor([[2, 5, 6, 7, 3], [2, 9, 3, 0, 0]])
INPUTS = {"input_ids": IDS, "attention_mask": (IDS > 0).long(), "token_type_ids": IDS * 0}
every_kind = pytest.mark.parametrize("kind", KINDS)


def make(kind: str, **changes: object) -> nn.Module:
    """A tiny ALBERT with weights large enough to matter."""
    model = tiny_model("albert", **{**KINDS[kind], **changes}).eval()
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model


def applied(model: nn.Module) -> list[nn.Module]:
    from engine.parts import FAMILIES

    return [layer for _, layer in FAMILIES["albert"].layers(model)]


def unshared(model: nn.Module) -> nn.Module:
    """The same weights, with a copy of its own for every layer."""
    clone = tiny_model("albert", **KINDS["none"]).eval()
    state = {n: v for n, v in model.state_dict().items() if "layer_groups" not in n}
    for place, layer in enumerate(applied(model)):
        for name in stored_layers(clone)[place].state_dict():
            path = f"albert.encoder.albert_layer_groups.{place}.albert_layers.0.{name}"
            owner, _, leaf = name.rpartition(".")
            state[path] = getattr(layer.get_submodule(owner), leaf)
    clone.load_state_dict(state)
    return clone


def gradients(model: nn.Module) -> list[dict[str, torch.Tensor]]:
    """The gradients of every stored layer's own weights."""
    model(**INPUTS).logits.square().sum().backward()
    return [{n: p.grad for n, p in layer.named_parameters()} for layer in stored_layers(model)]


@every_kind
def test_counts_follow_the_closed_form(kind: str) -> None:
    model = make(kind)
    shape = ARCHITECTURES["albert"].shape(config_for("albert", **KINDS[kind]), 2)
    assert sum(p.numel() for p in model.parameters()) == shape.parameters
    assert sum(v.numel() for v in model.state_dict().values()) == shape.parameters


@every_kind
def test_sharing_changes_no_answer(kind: str) -> None:
    model = make(kind)
    assert torch.allclose(model(**INPUTS).logits, unshared(model)(**INPUTS).logits, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "first"),
    [("all", ""), ("attention", "attention"), ("feed_forward", "f")],
)
def test_a_shared_gradient_is_the_sum_of_an_unshared_clones(kind: str, first: str) -> None:
    model = make(kind)
    whole, own = gradients(model)[0], gradients(unshared(model))
    names = [name for name in whole if name.startswith(first)]
    assert len(names) > 3
    for name in names:
        assert torch.allclose(whole[name], sum(one[name] for one in own), atol=1e-4), name


@pytest.mark.parametrize("kind", ["all", "attention", "feed_forward"])
def test_all_layers_use_one_memory(kind: str) -> None:
    path = "ffn" if kind == "feed_forward" else "attention.query"
    places = {layer.get_submodule(path).weight.data_ptr() for layer in applied(make(kind))}
    assert len(places) == 1


@pytest.mark.parametrize("kind", ["all", "groups", "attention", "feed_forward"])
def test_the_file_stores_a_shared_part_once(kind: str, tmp_path: Path) -> None:
    model, other = make(kind), unshared(make(kind))
    export_model(model, tmp_path / "shared.onnx")
    export_model(other, tmp_path / "whole.onnx")
    saved = (tmp_path / "whole.onnx").stat().st_size - (tmp_path / "shared.onnx").stat().st_size
    fewer = sum(p.numel() for p in other.parameters()) - sum(p.numel() for p in model.parameters())
    assert saved >= 4 * fewer > 2000
    stored = sum(p.numel() for p in model.parameters())
    assert count_parameters(tmp_path / "shared.onnx").total("parameters") == stored
    batch = {name: value.numpy() for name, value in INPUTS.items()}
    assert check_export(model, tmp_path / "shared.onnx", [batch]) < 1e-5


def test_more_layers_add_operators_but_no_weights(tmp_path: Path) -> None:
    sizes = []
    for layers in (3, 12):
        model = make("all", num_hidden_layers=layers)
        export_model(model, tmp_path / "model.onnx")
        sizes.append((tmp_path / "model.onnx").stat().st_size)
    layer = (
        4
        * ARCHITECTURES["albert"]
        .shape(config_for("albert", hidden_size=64, intermediate_size=256), 2)
        .layer_parameters
    )
    assert sizes[1] - sizes[0] < layer / 2


@every_kind
def test_a_saved_student_is_loaded_again(kind: str, tmp_path: Path) -> None:
    folder = model_folder(tmp_path, "albert", **KINDS[kind])
    found = models.load(inspect_folder(folder), ("bad", "good"), 0)
    wanted = tiny_model("albert", **KINDS[kind]).eval()
    assert torch.allclose(found.model.eval()(**INPUTS).logits, wanted(**INPUTS).logits)
    assert (
        sum(p.numel() for p in found.model.parameters()) == inspect_folder(folder).shape.parameters
    )


@every_kind
def test_a_copy_is_shared_with_itself_alone(kind: str) -> None:
    model = make(kind)
    twin = copy.deepcopy(model)
    before = model(**INPUTS).logits
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.zero_()
    assert torch.equal(model(**INPUTS).logits, before)
    assert twin(**INPUTS).logits.abs().max() == 0


def test_a_replaced_part_is_replaced_for_all() -> None:
    model = make("feed_forward")
    other = nn.Linear(16, 24)
    stored_layers(model)[0].ffn = other
    assert all(layer.ffn is other for layer in applied(model))


@pytest.mark.parametrize("kind", KINDS)
def test_first_layers_of_a_sharing_teacher(kind: str) -> None:
    config = config_for("albert", **KINDS[kind])
    teacher = Loaded(make(kind), None, ARCHITECTURES["albert"], config, ("bad", "good"))
    student = models.first_layers(teacher, 1, 0)
    shape = ARCHITECTURES["albert"].shape(config, 2).resized(layers=1)
    assert sum(p.numel() for p in student.parameters()) == shape.parameters
    assert len(student(**INPUTS, output_hidden_states=True).hidden_states) == 2


def test_more_groups_than_layers_are_refused() -> None:
    config = {"model_type": "albert", "num_hidden_layers": 3, "num_hidden_groups": 4}
    with pytest.raises(BadInput, match="num_hidden_groups 4 is more than the 3 layers"):
        checked_config(config, "config.json")
