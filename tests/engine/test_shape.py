"""Closed-form counts: the paper's figures, and what torch really stores for every family."""

from __future__ import annotations

import pytest
import torch
import transformers
from jobs import SIZES, config_for

from engine.architectures import ARCHITECTURES
from engine.models import CLASSES, build
from engine.shape import Shape

BASE = Shape("bert", 12, 768, 12, 3072, 30522, 512, 2, 2)
COUNTS = {12: 109_482_240, 6: 66_955_008, 4: 52_779_264, 3: 45_691_392}


@pytest.mark.parametrize(("layers", "count"), COUNTS.items())
def test_published_counts_without_head(layers: int, count: int) -> None:
    shape = BASE.resized(layers=layers)
    assert shape.parameters - (shape.hidden + 1) * shape.labels == count


@pytest.mark.parametrize(("layers", "count"), COUNTS.items())
def test_torch_stores_the_published_counts(layers: int, count: int) -> None:
    with torch.device("meta"):
        model = transformers.BertModel(transformers.BertConfig(num_hidden_layers=layers))
    assert sum(p.numel() for p in model.parameters()) == count


def test_the_narrow_student_of_the_fact_sheet() -> None:
    shape = BASE.resized(layers=4, hidden=312, feed_forward=1200)
    assert shape.parameters - 313 * 2 == 14_350_248


def test_bytes_are_four_a_parameter() -> None:
    assert BASE.bytes == 4 * BASE.parameters


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("key", list(SIZES))
def test_shape_counts_what_torch_stores(key: str, classes: int) -> None:
    config = config_for(key)
    model = build(ARCHITECTURES[key], config, [f"c{i}" for i in range(classes)], 0)
    assert ARCHITECTURES[key].shape(config, classes).parameters == model.num_parameters()


@pytest.mark.parametrize("key", ["electra", "albert"])
def test_an_embedding_as_wide_as_the_model(key: str) -> None:
    config = config_for(key, embedding_size=16)
    model = build(ARCHITECTURES[key], config, ("bad", "good"), 0)
    assert ARCHITECTURES[key].shape(config, 2).parameters == model.num_parameters()


def test_albert_with_two_groups_stores_two_layers() -> None:
    config = config_for("albert", num_hidden_layers=4, num_hidden_groups=2)
    model = build(ARCHITECTURES["albert"], config, ("bad", "good"), 0)
    assert ARCHITECTURES["albert"].shape(config, 2).parameters == model.num_parameters()


def test_a_model_of_one_layer_shares_nothing() -> None:
    shape = ARCHITECTURES["bert"].shape(config_for("bert", num_hidden_layers=1), 2)
    assert not shape.shared_layers
    assert shape.resized(layers=2).parameters == shape.parameters + shape.layer_parameters


def test_every_family_has_a_class() -> None:
    assert set(CLASSES) == set(ARCHITECTURES)
