"""`evaluate`, `predict` and `export`: finished packages put to use."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from engine import wording
from engine.cli.opening import open_history, open_model
from engine.cli.output import facts, say, table, write_json
from engine.data import load_data
from engine.errors import BadInput
from engine.handout import hand_out
from engine.manifest import columns_in_words
from engine.measure import measure_run
from engine.package import Package
from engine.records import storable
from engine.schema import make
from engine.spec import DataBlock, anchored, read_json


class _Asked(BaseModel):
    """What a data file asks for; the seed matters where a split has to be cut."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: DataBlock
    seed: int = Field(42, ge=0, le=2**31 - 1)


def evaluate(given: argparse.Namespace) -> int:
    """Measure a package on any data with its classes."""
    asked = _read_data(given)
    package = open_model(given)
    data = load_data(asked.data, asked.seed)
    result = measure_run(package, None, data, given.split)["result"]
    result = {name: value for name, value in result.items() if value is not None}
    if given.json:
        model = {"name": package.manifest.name, "folder": str(package.folder)}
        about = {"name": data.name, "fingerprint": data.fingerprint, "notes": data.notes}
        write_json({"model": model, "data": about, **result})
        return 0
    for note in data.notes:
        say(note)
    facts(_figures(package, data.title, result))
    return 0


def _read_data(given: argparse.Namespace) -> _Asked:
    values = read_json(given.data)
    if not isinstance(values, dict):
        raise BadInput(f"{given.data} is not a JSON object; write a data block like a run file's.")
    if isinstance(values.get("data"), dict):
        kept = {name: values[name] for name in ("data", "seed") if name in values}
    else:
        kept = {"data": values}
    asked = make(_Asked, kept)
    return asked.model_copy(update={"data": anchored(asked.data, given.data.parent)})


def _figures(package: Package, title: str, result: dict[str, Any]) -> list[tuple[str, str]]:
    span = wording.span(result["accuracy_low"], result["accuracy_high"])
    majority, latency = result["majority"], result["latency_ms"]
    measured = f"batch {latency['batch']}, {latency['length']} pieces, {latency['threads']} thread"
    return [
        ("Model", package.manifest.name),
        ("Data", f"{title}, {result['split']}, {wording.count(result['examples'])} sentences"),
        ("Accuracy", f"{wording.percent(result['accuracy'])} (95 % range {span})"),
        ("Macro F1", wording.percent(result["macro_f1"])),
        ("Guessing", f'{wording.percent(majority["accuracy"])}, always "{majority["label"]}"'),
        ("Size", wording.size(result["bytes"])),
        ("Latency", f"{wording.latency(latency['median'])} ({measured})"),
    ]


def predict(given: argparse.Namespace) -> int:
    """Say how sure a package is of each class."""
    package = open_model(given)
    rows = _rows([storable(text) for text in given.texts], package)
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    found = package.probabilities(columns)
    if given.json:
        write_json([_answer(row, values, package) for row, values in zip(rows, found, strict=True)])
        return 0
    best = found.argmax(1)
    table(
        ("Text", "Answer", "How sure"),
        [
            (" / ".join(row), package.labels[k], wording.probability(float(values[k])))
            for row, values, k in zip(rows, found, best, strict=True)
        ],
        right=("How sure",),
    )
    return 0


def _rows(texts: list[str], package: Package) -> list[list[str]]:
    """The texts as one or two columns each."""
    columns = package.manifest.columns
    if len(texts) % len(columns):
        raise BadInput(f"This model reads {columns_in_words(columns)}; give the texts in pairs.")
    return [texts[i : i + len(columns)] for i in range(0, len(texts), len(columns))]


def _answer(row: list[str], values: np.ndarray, package: Package) -> dict[str, Any]:
    shares = {label: float(value) for label, value in zip(package.labels, values, strict=True)}
    text = row[0] if len(row) == 1 else row
    return {"text": text, "label": package.labels[int(values.argmax())], "probabilities": shares}


def export(given: argparse.Namespace) -> int:
    """Write a run's model, weights or report into a new folder."""
    with open_history(given) as history:
        written = hand_out(history, given.run, given.folder, given.format)
    say(f"Written: {written}")
    return 0
