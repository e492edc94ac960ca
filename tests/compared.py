"""Finished runs with real answers and packages, for tests of what compares them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from engine import stats
from engine.events import Event
from engine.graph import INPUTS, Graph
from engine.history import History
from engine.package import write_package
from engine.spec import RunSpec, make_spec

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "very", "good", "bad", "film", "not"]
LABELS = ["negative", "positive"]
COUNT = 40
TEXTS = [f"sentence {i}" for i in range(COUNT)]


def spec(name: str, **more: Any) -> RunSpec:
    values = {
        "name": name, "teacher": {"source": "bundled", "name": "t"},
        "data": {"source": "bundled", "name": "reviews"}, "method": {"key": "finetune"},
    }  # fmt: skip
    return make_spec({**values, **more})


def finished(
    history: History, name: str, wrong: set[int], *, size: int = 1_000_000, latency: float = 5.0,
    teacher_wrong: frozenset[int] | set[int] = frozenset({0, 1}), print_: str = "print",
    teacher_package: str = "", labels: list[str] = LABELS, texts: list[str] = TEXTS,
    method: dict[str, Any] | None = None, layers: list[Any] | None = None, **more: Any,
) -> str:  # fmt: skip
    """A run that answered the rows in `wrong` wrongly; the teacher those in `teacher_wrong`."""
    asked = spec(name, **({"method": method} if method else {}), **more)
    run_id = history.add_run(asked, status="running")
    folder = history.run(run_id).folder
    right = np.arange(len(texts)) % len(labels)
    answers: dict[str, Any] = {"labels": right}
    for who, missed in (("student", wrong), ("teacher", teacher_wrong)):
        predicted = np.array([(y + (i in missed)) % len(labels) for i, y in enumerate(right)])
        answers[f"{who}_predicted"] = predicted
        sure = np.full((len(texts), len(labels)), 0.1 / max(1, len(labels) - 1), np.float32)
        sure[np.arange(len(texts)), predicted] = 0.9
        answers[f"{who}_probabilities"] = sure
    np.savez(folder / "predictions.npz", **answers)
    examples = {"fingerprint": print_, "split": "test", "labels": right.tolist(), "texts": [texts]}
    (folder / "examples.json").write_text(json.dumps(examples), "utf-8")
    events = [
        Event(kind="scalar", time=1.0, step=step, values={"loss": 1.0 / (step + 1), "validation/accuracy": 0.5 + step / 40})
        for step in range(0, 20, 2)
    ]  # fmt: skip
    body = _result(answers, labels, size, latency, print_, teacher_package)
    body["layers"] = layers or [
        {"name": f"bert.encoder.layer.{i}", "parameters": 1000, "sparsity": 0.1 * i, "bits": 32}
        for i in range(3)
    ]
    history.record(run_id, [*events, Event(kind="result", time=2.0, data=body)])
    history.record(run_id, [Event(kind="finished", time=3.0)])
    return run_id


def _result(
    answers: dict[str, Any], labels: list[str], size: int, latency: float, print_: str, package: str
) -> dict[str, Any]:
    student, teacher = (
        answers[f"{who}_predicted"] == answers["labels"] for who in ("student", "teacher")
    )
    lost, gained = int((teacher & ~student).sum()), int((student & ~teacher).sum())
    result = {
        **_measured(student, size, latency), "split": "test", "examples": len(student),
        "data_fingerprint": print_, "labels": labels, "agreement": 0.9, "sparsity": 0.0,
        "mean_bits": 32.0, "majority": {"label": labels[0], "accuracy": 1 / len(labels)},
        "mcnemar": {"p": stats.mcnemar_exact(lost, gained)},
    }  # fmt: skip
    theirs = {
        **_measured(teacher, 10_000_000, 46.0), "name": "Teacher", "title": "Teacher",
        "fingerprint": "teacher print", "package": package,
    }  # fmt: skip
    files = {"predictions": "predictions.npz", "examples": "examples.json", "package": "package"}
    return {"result": result, "teacher": theirs, **files}


def _measured(right: np.ndarray, size: int, latency: float) -> dict[str, Any]:
    low, high = stats.wilson(int(right.sum()), len(right))
    share = float(right.mean())
    return {
        "accuracy": share, "accuracy_low": low, "accuracy_high": high, "macro_f1": share,
        "bytes": size, "bytes_nominal": size, "parameters": size // 4,
        "latency_ms": {"median": latency},
    }  # fmt: skip


def package(
    folder: Path, words: dict[str, list[float]], *, labels: list[str] = LABELS, columns: tuple[str, ...] = ("text",),
) -> Path:  # fmt: skip
    """A real package that adds up what each word says for each class."""

    def export(path: Path) -> None:
        table = np.zeros((len(WORDS), len(labels)), np.float32)
        for word, votes in words.items():
            table[WORDS.index(word)] = votes
        graph = Graph()
        votes_of = graph.gather(graph.weight("votes", table), INPUTS[0])
        graph.save(path, graph.op("ReduceMean", votes_of, axes=[1], keepdims=0), len(labels))

    manifest = {
        "name": "bag of words", "labels": labels, "columns": columns, "max_length": 12,
        "architecture": "bert", "method": "finetune", "title": "Fine-tune", "family": "reference",
        "shape": {
            "architecture": "bert", "layers": 1, "hidden": 2, "heads": 1, "feed_forward": 2,
            "vocabulary": len(WORDS), "positions": 64, "types": 2, "labels": len(labels),
        },
    }  # fmt: skip
    write_package(folder, export=export, tokenizer=_tokenizer(), manifest=manifest)
    return folder


def _tokenizer() -> str:
    special = [
        {"id": i, "content": WORDS[i], "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": True}
        for i in range(4)
    ]  # fmt: skip
    model = {
        "type": "WordLevel",
        "vocab": {w: i for i, w in enumerate(WORDS)},
        "unk_token": "[UNK]",
    }
    return json.dumps({
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special,
        "normalizer": None, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": None,
        "decoder": None, "model": model,
    })  # fmt: skip
