"""A tiny exported classifier made with the graph builder alone: real files without torch."""

from __future__ import annotations

import json
from functools import partial

import numpy as np

from engine.graph import INPUTS, Graph
from engine.package import write_package

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "very", "good", "bad", "film", "not"]
SHAPE = {
    "architecture": "bert", "layers": 2, "hidden": 16, "heads": 2, "feed_forward": 24,
    "vocabulary": 20, "positions": 64, "types": 2, "labels": 2,
}  # fmt: skip


def tokenizer_json(words=VOCABULARY):
    """A word-level tokenizer that frames sentences as BERT does."""
    special = [
        {"id": i, "content": words[i], "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": True}
        for i in range(4)
    ]  # fmt: skip
    frame = {"[CLS]": 2, "[SEP]": 3}
    single = [_token("[CLS]", 0), _text("A", 0), _token("[SEP]", 0)]
    return json.dumps({
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special,
        "normalizer": None, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {
            "type": "TemplateProcessing", "single": single,
            "pair": [*single, _text("B", 1), _token("[SEP]", 1)],
            "special_tokens": {n: {"id": n, "ids": [i], "tokens": [n]} for n, i in frame.items()},
        },
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": {w: i for i, w in enumerate(words)},
                  "unk_token": "[UNK]"},
    })  # fmt: skip


def _token(name, kind):
    return {"SpecialToken": {"id": name, "type_id": kind}}


def _text(name, kind):
    return {"Sequence": {"id": name, "type_id": kind}}


def tiny_graph(path, seed=0, layers=2, hidden=16, inner=24, classes=2, zero=0.0):
    """Write a random encoder of `layers` layers; `zero` of each first dense map is set to 0."""
    graph, rng = Graph(), np.random.default_rng(seed)

    def weight(name, *dims):
        values = rng.normal(0, 0.5, dims).astype(np.float32)
        if zero and name.endswith("intermediate.dense.weight"):
            values.flat[: int(zero * values.size)] = 0
        return graph.weight(name, values)

    def dense(name, x, a, b):
        return graph.product(x, weight(f"{name}.weight", a, b), weight(f"{name}.bias", b))

    place = "bert.embeddings"
    x = graph.gather(weight(f"{place}.word_embeddings.weight", 20, hidden), INPUTS[0])
    types = graph.gather(weight(f"{place}.token_type_embeddings.weight", 2, hidden), INPUTS[2])
    where = weight(f"{place}.position_embeddings.weight", 64, hidden)
    x = graph.op("Add", graph.op("Add", x, types), graph.gather(where, graph.counted_positions()))
    mask = graph.attention_mask()
    for i in range(layers):
        name = f"bert.encoder.layer.{i}"
        parts = ("query", "key", "value")
        q, k, v = (dense(f"{name}.attention.self.{n}", x, hidden, hidden) for n in parts)
        mixed = graph.attention(q, k, v, mask, head_size=8, scale=8**-0.5)
        x = graph.op("Add", x, dense(f"{name}.attention.output.dense", mixed, hidden, hidden))
        inside = graph.activation("gelu", dense(f"{name}.intermediate.dense", x, hidden, inner))
        x = graph.op("Add", x, dense(f"{name}.output.dense", inside, inner, hidden))
        gain, bias = (
            weight(f"{name}.output.LayerNorm.weight", hidden),
            f"{name}.output.LayerNorm.bias",
        )
        x = graph.layer_norm(x, gain, weight(bias, hidden), 1e-12)
    graph.save(path, dense("classifier", graph.first_piece(x), hidden, classes), classes)
    return 2e-7


def manifest_values(**changes):
    """What a manifest needs besides the checksum."""
    return {
        "name": "tiny", "labels": ("negative", "positive"), "columns": ("text",), "max_length": 12,
        "architecture": "bert", "shape": SHAPE, "method": "tinybert", "title": "TinyBERT",
        "family": "distil", **changes,
    }  # fmt: skip


def make_package(folder, *, seed=0, layers=2, zero=0.0, **manifest):
    """A real package with a random model."""
    values = manifest_values(**manifest)
    export = partial(tiny_graph, seed=seed, layers=layers, zero=zero, classes=len(values["labels"]))
    return write_package(folder, export=export, tokenizer=tokenizer_json(), manifest=values)
