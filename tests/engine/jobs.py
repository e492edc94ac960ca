"""Small models of every family and runs in this process, for tests of the training half."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import BertWordPieceTokenizer, Tokenizer
from torch import nn

from engine.architectures import ARCHITECTURES
from engine.events import Event
from engine.job import Job
from engine.models import build, export_weights
from engine.spec import make_spec

WORDS = ["good", "bad", "great", "awful", "film", "plot", "the", "a", "is", "was", "very", "not"]
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
SIZES: dict[str, dict[str, int]] = {
    "bert": {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24},
    "roberta": {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24},
    "electra": {
        "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24,
        "embedding_size": 8,
    },
    "albert": {
        "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24,
        "embedding_size": 8,
    },
    "distilbert": {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 24},
}  # fmt: skip


def config_for(key: str, **changes: Any) -> dict[str, Any]:
    """A checked tiny config of one family."""
    sizes = {"vocab_size": len(VOCABULARY), "max_position_embeddings": 32, **SIZES[key], **changes}
    return ARCHITECTURES[key].fields(**sizes).model_dump()


def tiny_tokenizer(folder: Path, words: Sequence[str] = VOCABULARY) -> Tokenizer:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "words.txt").write_text("\n".join(words), "utf-8")
    return Tokenizer.from_str(BertWordPieceTokenizer(str(folder / "words.txt")).to_str())


def tiny_model(
    key: str, labels: Sequence[str] = ("bad", "good"), seed: int = 0, **changes: Any
) -> nn.Module:
    return build(ARCHITECTURES[key], config_for(key, **changes), labels, seed)


def model_folder(
    folder: Path, key: str = "bert", labels: Sequence[str] = ("bad", "good"), **changes: Any
) -> Path:
    """A Hugging Face style folder with random weights."""
    model = tiny_model(key, labels, **changes)
    tokenizer = tiny_tokenizer(folder)
    export_weights(model, ARCHITECTURES[key], config_for(key, **changes), labels, tokenizer, folder)
    return folder


def edit_config(folder: Path, **changes: Any) -> Path:
    """Change entries of a folder's config.json; None takes one out."""
    path = folder / "config.json"
    body = {**json.loads(path.read_text("utf-8")), **changes}
    path.write_text(json.dumps({k: v for k, v in body.items() if v is not None}), "utf-8")
    return folder


def prepared(
    run: dict[str, Any], folder: Path, events: list[Event] | None = None, **training: Any
) -> Job:
    """A job in this process whose data and teacher are loaded."""
    spec = make_spec({**run, "training": {**run["training"], **training}})
    said = [] if events is None else events
    job = Job(spec, folder / "run", folder / "cache", said.append)
    job.prepare()
    return job


def trained(
    run: dict[str, Any], folder: Path, events: list[Event] | None = None, **training: Any
) -> nn.Module:
    """The student at the end of a run's own training, without export."""
    job = prepared(run, folder, events, **training)
    return job.method.run(job, job.params)


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    """Equal to the bit."""
    a, b = one.state_dict(), other.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def scalars(events: Sequence[Event], name: str) -> list[float]:
    """The values of one plotted series."""
    return [
        event.values[name] for event in events if event.kind == "scalar" and name in event.values
    ]
