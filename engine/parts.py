"""Where each family of encoders keeps the modules that an exporter visits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.matching import group_of

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Parts:
    """Where one family keeps what every encoder layer has, and what surrounds the layers.

    Paths of modules: `base` and `project` from the model, the others from a layer. `layers`
    lists (path, module) in the order they are applied; a shared layer appears repeatedly. `head`
    is a dense map of the first piece, an activation, and the output map.
    """

    base: str
    layers: Callable[[nn.Module], list[tuple[str, nn.Module]]]
    head: tuple[str, str, str]
    attention: str
    query: str
    key: str
    value: str
    output: str
    attention_norm: str
    up: str
    down: str
    output_norm: str
    project: str = ""
    activation: str = "hidden_act"
    padding_positions: bool = False


def _listed(path: str) -> Callable[[nn.Module], list[tuple[str, nn.Module]]]:
    """Layers kept in a list under `path`."""

    def layers(model: nn.Module) -> list[tuple[str, nn.Module]]:
        found: Any = model.get_submodule(path)
        return [(f"{path}.{i}", layer) for i, layer in enumerate(found)]

    return layers


def _albert_layers(model: Any) -> list[tuple[str, nn.Module]]:
    """ALBERT's groups in the order they are applied, each as often as the config says."""
    place = "albert.encoder.albert_layer_groups"
    count, groups = model.config.num_hidden_layers, model.config.num_hidden_groups
    found = []
    for i in range(count):
        group = group_of(i, count, groups)
        inner: Any = model.get_submodule(f"{place}.{group}.albert_layers")
        found += [(f"{place}.{group}.albert_layers.{j}", one) for j, one in enumerate(inner)]
    return found


_BERT_LAYER: dict[str, Any] = {
    "attention": "attention.self",
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "output_norm": "output.LayerNorm",
}
FAMILIES: dict[str, Parts] = {
    "bert": Parts(
        base="bert",
        layers=_listed("bert.encoder.layer"),
        head=("bert.pooler.dense", "tanh", "classifier"),
        **_BERT_LAYER,
    ),
    "roberta": Parts(
        base="roberta",
        layers=_listed("roberta.encoder.layer"),
        head=("classifier.dense", "tanh", "classifier.out_proj"),
        padding_positions=True,
        **_BERT_LAYER,
    ),
    "electra": Parts(
        base="electra",
        layers=_listed("electra.encoder.layer"),
        head=("classifier.dense", "gelu", "classifier.out_proj"),
        project="embeddings_project",
        **_BERT_LAYER,
    ),
    "albert": Parts(
        base="albert",
        layers=_albert_layers,
        head=("albert.pooler", "tanh", "classifier"),
        project="encoder.embedding_hidden_mapping_in",
        attention="attention",
        query="attention.query",
        key="attention.key",
        value="attention.value",
        output="attention.dense",
        attention_norm="attention.LayerNorm",
        up="ffn",
        down="ffn_output",
        output_norm="full_layer_layer_norm",
    ),
    "distilbert": Parts(
        base="distilbert",
        layers=_listed("distilbert.transformer.layer"),
        head=("pre_classifier", "relu", "classifier"),
        activation="activation",
        attention="attention",
        query="attention.q_lin",
        key="attention.k_lin",
        value="attention.v_lin",
        output="attention.out_lin",
        attention_norm="sa_layer_norm",
        up="ffn.lin1",
        down="ffn.lin2",
        output_norm="output_layer_norm",
    ),
}


def projections(family: str, model: nn.Module) -> list[tuple[nn.Module, nn.Module]]:
    """The query and key maps of every layer, in the order the layers are applied."""
    parts = FAMILIES[family]
    return [
        (layer.get_submodule(parts.query), layer.get_submodule(parts.key))
        for _, layer in parts.layers(model)
    ]
