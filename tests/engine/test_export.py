"""Exported files give torch's own logits, store shared tensors once and reveal nothing else."""

from __future__ import annotations

import inspect

import numpy as np
import onnx
import pytest
import torch
import transformers
from torch import nn

from engine.export import TOLERANCE, ExportMismatch, check_export, export_model
from engine.graph import INPUTS, OUTPUT
from engine.runtime import open_session

SMALL = {
    "vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
    "intermediate_size": 48, "max_position_embeddings": 40, "num_labels": 3,
}  # fmt: skip
CONFIGS = {
    "bert": (transformers.BertConfig, {}),
    "bert-tanh": (transformers.BertConfig, {"hidden_act": "gelu_new"}),
    "bert-relu": (transformers.BertConfig, {"hidden_act": "relu"}),
    "bert-silu": (transformers.BertConfig, {"hidden_act": "silu"}),
    "roberta": (transformers.RobertaConfig, {"pad_token_id": 1, "type_vocab_size": 1}),
    "electra": (transformers.ElectraConfig, {"embedding_size": 16}),
    "electra-same": (transformers.ElectraConfig, {"embedding_size": 32}),
    "albert": (transformers.AlbertConfig, {"embedding_size": 16, "num_hidden_layers": 3}),
    "albert-groups": (transformers.AlbertConfig, {"num_hidden_layers": 4, "num_hidden_groups": 2}),
    "distilbert": (transformers.DistilBertConfig, {}),
}


def tiny(kind, **changes):
    """A random classifier with weights large enough for the logits to differ."""
    torch.manual_seed(0)
    make, extra = CONFIGS[kind]
    values = {**SMALL, **extra, **changes}
    if make is transformers.DistilBertConfig:
        names = ("dim", "n_layers", "n_heads", "hidden_dim")
        keys = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")
        values |= {new: values.pop(old) for new, old in zip(names, keys, strict=True)}
    model = transformers.AutoModelForSequenceClassification.from_config(make(**values)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return model


def batch(model, lengths=(9, 5, 2), seed=1):
    """Padded rows as a tokenizer makes them."""
    rng, pad = np.random.default_rng(seed), model.config.pad_token_id
    ids = np.full((len(lengths), max(lengths)), pad, np.int64)
    mask, types = np.zeros_like(ids), np.zeros_like(ids)
    for row, length in enumerate(lengths):
        ids[row, :length] = rng.integers(5, 60, length)
        mask[row, :length] = 1
        if getattr(model.config, "type_vocab_size", 0) > 1:
            types[row, length // 2 : length] = 1
    return dict(zip(INPUTS, (ids, mask, types), strict=True))


@pytest.mark.parametrize("kind", CONFIGS)
def test_the_file_answers_like_torch(kind, tmp_path):
    model = tiny(kind)
    export_model(model, tmp_path / "model.onnx", labels=("a", "b", "c"))
    batches = [batch(model), batch(model, (1,)), batch(model, (38, 7), 2)]
    assert check_export(model, tmp_path / "model.onnx", batches) < TOLERANCE / 10


@pytest.mark.parametrize("kind", CONFIGS)
def test_padding_does_not_change_a_row(kind, tmp_path):
    model = tiny(kind)
    export_model(model, tmp_path / "model.onnx")
    session, feeds = open_session(tmp_path / "model.onnx"), batch(model)
    padded = session.run([OUTPUT], feeds)[0]
    for row, length in enumerate((9, 5, 2)):
        alone = {name: feeds[name][row : row + 1, :length] for name in INPUTS}
        assert np.allclose(session.run([OUTPUT], alone)[0], padded[row], atol=1e-5)


@pytest.mark.parametrize("kind", CONFIGS)
def test_the_file_passes_the_format_checker(kind, tmp_path):
    export_model(tiny(kind), tmp_path / "model.onnx")
    loaded = onnx.load(tmp_path / "model.onnx")
    onnx.checker.check_model(loaded, full_check=True)
    assert [one.name for one in loaded.graph.output] == ["logits"]


def stored(path):
    return {t.name: list(t.dims) for t in onnx.load(path).graph.initializer}


@pytest.mark.parametrize("kind", CONFIGS)
def test_every_parameter_is_stored_once_under_its_name(kind, tmp_path):
    model = tiny(kind)
    export_model(model, tmp_path / "model.onnx")
    sizes = {n: int(np.prod(d)) for n, d in stored(tmp_path / "model.onnx").items()}
    found = {name: size for name, size in sizes.items() if not name.startswith("const/")}
    assert found == {name: p.numel() for name, p in model.named_parameters()}


def test_layers_tied_by_hand_are_stored_once(tmp_path):
    model = tiny("bert")
    model.bert.encoder.layer[1] = model.bert.encoder.layer[0]
    export_model(model, tmp_path / "model.onnx")
    assert not any(".layer.1." in name for name in stored(tmp_path / "model.onnx"))
    assert check_export(model, tmp_path / "model.onnx", [batch(model)]) < TOLERANCE


def prune_heads(layer, keep):
    """Keep the first `keep` heads of 8 numbers each."""
    heads = layer.attention.self
    for name in ("query", "key", "value"):
        old = getattr(heads, name)
        new = nn.Linear(32, 8)
        new.weight, new.bias = (nn.Parameter(p[: 8 * keep].clone()) for p in (old.weight, old.bias))
        setattr(heads, name, new)
    dense = layer.attention.output.dense
    dense.weight = nn.Parameter(dense.weight[:, : 8 * keep].clone())


@pytest.mark.parametrize("keep", [1, 3])
def test_layers_may_differ_in_heads_and_width(keep, tmp_path):
    model = tiny("bert")
    layer = model.bert.encoder.layer[1]
    prune_heads(layer, keep)
    layer.intermediate.dense.weight = nn.Parameter(layer.intermediate.dense.weight[:10].clone())
    layer.intermediate.dense.bias = nn.Parameter(layer.intermediate.dense.bias[:10].clone())
    layer.output.dense.weight = nn.Parameter(layer.output.dense.weight[:, :10].clone())
    export_model(model, tmp_path / "model.onnx")
    assert check_export(model, tmp_path / "model.onnx", [batch(model)]) < TOLERANCE


def test_a_layer_with_nothing_left_adds_its_biases(tmp_path):
    whole, empty = tiny("bert"), tiny("bert")
    for model in (whole, empty):
        with torch.no_grad():
            model.bert.encoder.layer[0].attention.output.dense.weight.zero_()
            model.bert.encoder.layer[0].output.dense.weight.zero_()
    layer = empty.bert.encoder.layer[0]
    prune_heads(layer, 0)
    layer.intermediate.dense = nn.Linear(32, 1)
    layer.intermediate.dense.weight = nn.Parameter(torch.empty(0, 32))
    layer.intermediate.dense.bias = nn.Parameter(torch.empty(0))
    layer.output.dense.weight = nn.Parameter(torch.empty(32, 0))
    export_model(empty, tmp_path / "model.onnx")
    assert check_export(whole, tmp_path / "model.onnx", [batch(whole)]) < TOLERANCE


class Halves(nn.Module):
    """A low-rank pair that writes itself."""

    def __init__(self, dense):
        super().__init__()
        self.out_features = dense.out_features
        self.left = nn.Parameter(torch.randn(dense.in_features, 4))
        self.right = nn.Parameter(torch.randn(4, dense.out_features))

    def forward(self, x):
        return x @ self.left @ self.right

    def to_graph(self, graph, name, x):
        left = graph.weight(f"{name}.left", self.left.numpy(force=True))
        return graph.product(
            graph.product(x, left), graph.weight(f"{name}.right", self.right.numpy(force=True))
        )


def test_a_module_may_write_itself(tmp_path):
    model = tiny("bert")
    block = model.bert.encoder.layer[0].intermediate
    block.dense = Halves(block.dense)
    export_model(model, tmp_path / "model.onnx")
    assert "bert.encoder.layer.0.intermediate.dense.left" in stored(tmp_path / "model.onnx")
    assert check_export(model, tmp_path / "model.onnx", [batch(model)]) < TOLERANCE


def test_a_changed_model_is_refused_in_words(tmp_path):
    model = tiny("bert")
    export_model(model, tmp_path / "model.onnx")
    with torch.no_grad():
        model.classifier.bias.add_(0.01)
    with pytest.raises(ExportMismatch, match="does not answer like the trained model"):
        check_export(model, tmp_path / "model.onnx", [batch(model)])


@pytest.mark.parametrize("where", ["torch", "file"])
def test_not_a_number_is_a_mismatch(where, tmp_path):
    model = tiny("bert")
    good = model.classifier.bias.detach().clone()
    with torch.no_grad():
        model.classifier.bias.fill_(float("nan"))
        export_model(model, tmp_path / "model.onnx")
        if where == "file":
            model.classifier.bias.copy_(good)
    with pytest.raises(ExportMismatch, match="nan"):
        check_export(model, tmp_path / "model.onnx", [batch(model)])


def test_an_unknown_model_is_refused_in_words(tmp_path):
    with pytest.raises(Exception, match='A "Linear" model cannot be exported'):
        export_model(nn.Linear(2, 2), tmp_path / "model.onnx")


def test_the_classes_must_be_as_many_as_the_labels(tmp_path):
    with pytest.raises(ExportMismatch, match="3 classes, but the data names 2"):
        export_model(tiny("bert"), tmp_path / "model.onnx", labels=("a", "b"))


def test_the_file_names_no_place_on_this_machine(tmp_path):
    export_model(tiny("bert"), tmp_path / "model.onnx")
    loaded = onnx.load(tmp_path / "model.onnx")
    assert str(tmp_path).encode() not in (tmp_path / "model.onnx").read_bytes()
    assert not any(node.doc_string for node in loaded.graph.node)
    assert not loaded.doc_string
    assert str(inspect.getfile(export_model)).encode() not in loaded.SerializeToString()


def test_a_pruned_model_is_smaller_on_disk_and_answers_the_same(tmp_path):
    model = tiny("bert", intermediate_size=512)
    export_model(model, tmp_path / "dense.onnx")
    with torch.no_grad():
        for layer in model.bert.encoder.layer:
            weight = layer.intermediate.dense.weight
            weight[weight.abs() < weight.abs().quantile(0.9)] = 0
    export_model(model, tmp_path / "model.onnx")
    saved = (tmp_path / "dense.onnx").stat().st_size - (tmp_path / "model.onnx").stat().st_size
    assert saved > 0.8 * 2 * 4 * 32 * 512
    assert check_export(model, tmp_path / "model.onnx", [batch(model)]) < TOLERANCE
