"""Writes a batch of a run's events into the history's tables, inside the caller's transaction."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import BadInput
from engine.events import ENDINGS, Event
from engine.records import (
    LARGEST_WHOLE,
    Answers,
    Examples,
    finite,
    inside,
    read_details,
    real,
    storable,
)
from engine.stage_changes import METRIC

if TYPE_CHECKING:
    from sqlite_utils import Database

LARGEST_EXAMPLES = 512 * 1024 * 1024
STATE_CHANGES = ("started", "result", *ENDINGS)


@dataclass
class Batch:
    """Events sorted by where they go; `summary` holds new values of the run's own row."""

    points: list[tuple[Any, ...]] = field(default_factory=list)
    layers: list[tuple[Any, ...]] = field(default_factory=list)
    notes: list[tuple[Any, ...]] = field(default_factory=list)
    stages: list[tuple[Any, ...]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Answers] = field(default_factory=dict)
    examples: Examples | None = None


def sort_events(run_id: str, folder: Path, events: Sequence[Event]) -> Batch:
    """Sort events into rows and read the files a result names; touches no database."""
    batch = Batch()
    for event in events:
        if abs(event.step) >= LARGEST_WHOLE:
            continue
        if event.kind == "scalar":
            batch.points += [
                (run_id, storable(name), event.step, real(value))
                for name, value in event.values.items()
            ]
        elif event.kind == "layers":
            batch.layers += [
                (run_id, storable(event.text), event.step, storable(layer), place, real(value))
                for place, (layer, value) in enumerate(event.values.items())
            ]
        elif event.kind == "note":
            batch.notes.append((run_id, event.time, _level(event), storable(event.text)))
        elif event.kind == "stage":
            _sort_stage(batch, run_id, event)
        elif event.kind == "progress":
            batch.summary["stage"] = storable(event.stage)
            for name in ("fraction", "remaining"):
                batch.summary[name] = real(event.data.get(name))
        elif event.kind == "result":
            _sort_result(batch, run_id, folder, event)
        else:
            _sort_state(batch, event)
    return batch


def write_batch(db: Database, run_id: str, batch: Batch) -> None:
    """Upsert every row of the batch; a resumed run meets its own points again."""
    many = db.conn.executemany
    many("INSERT OR REPLACE INTO points VALUES (?, ?, ?, ?)", batch.points)
    many("INSERT OR REPLACE INTO layers VALUES (?, ?, ?, ?, ?, ?)", batch.layers)
    many("INSERT OR IGNORE INTO notes VALUES (?, ?, ?, ?)", batch.notes)
    many(
        "INSERT INTO stages VALUES (?, ?, ?, ?, ?) ON CONFLICT (run, title) DO UPDATE SET"
        " place = excluded.place, state = excluded.state,"
        " seconds = max(coalesce(seconds, 0), coalesce(excluded.seconds, 0))",
        batch.stages,
    )
    if batch.summary:
        db.table("runs").update(run_id, batch.summary)
    if batch.details:
        _write_details(db, run_id, batch.details)
    for who, answers in batch.answers.items():
        write_answers(db, run_id, who, answers)
    if batch.examples:
        write_examples(db, batch.examples)


def write_answers(db: Database, run_id: str, who: str, answers: Answers) -> None:
    """Store one model's answers as int32 and float32 bytes."""
    db.execute(
        "INSERT OR REPLACE INTO predictions VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            run_id, who, answers.split, answers.fingerprint,
            np.asarray(answers.labels, "<i4").tobytes(),
            np.asarray(answers.predicted, "<i4").tobytes(),
            np.asarray(answers.probabilities, "<f4").tobytes(),
        ),
    )  # fmt: skip


def read_answers(split: str, fingerprint: str, blobs: tuple[Any, Any, Any]) -> Answers:
    """Turn stored bytes back into arrays, or raise BadInput when they do not fit together."""
    try:
        labels = np.frombuffer(blobs[0], "<i4").astype(np.int64)
        predicted = np.frombuffer(blobs[1], "<i4").astype(np.int64)
        probabilities = np.frombuffer(blobs[2], "<f4")
        if len(labels):
            probabilities = probabilities.reshape(len(labels), -1)
        answers = Answers(split, fingerprint, labels, predicted, probabilities)
        _check_answers(answers)
    except (TypeError, ValueError):
        raise BadInput(
            "The answers stored for this run are damaged; measure the run again."
        ) from None
    return answers


def write_examples(db: Database, examples: Examples) -> None:
    """Store the sentences once per fingerprint."""
    body = json.dumps({"labels": examples.labels, "texts": examples.texts})
    packed = zlib.compress(body.encode())
    db.execute(
        "INSERT OR IGNORE INTO examples VALUES (?, ?, ?)",
        (examples.fingerprint, examples.split, packed),
    )


def read_examples(fingerprint: str, split: str, packed: Any) -> Examples:
    """Unpack stored sentences; a stranger's file may not unpack without limit."""
    try:
        body = zlib.decompressobj().decompress(packed, LARGEST_EXAMPLES)
        return _make_examples(fingerprint, split, json.loads(body))
    except (zlib.error, TypeError, ValueError, KeyError, RecursionError):
        raise BadInput(
            "The examples stored for this run are damaged; measure the run again."
        ) from None


def _level(event: Event) -> str:
    return "warning" if event.data.get("level") == "warning" else "info"


def _sort_stage(batch: Batch, run_id: str, event: Event) -> None:
    place = real(event.data.get("index"))
    state = "done" if event.data.get("state") == "done" else "begun"
    batch.stages.append(
        (run_id, storable(event.stage), int(place or 0), state, real(event.data.get("seconds")))
    )
    if state == "begun":  # the curves of two stages are kept apart
        batch.points.append((run_id, METRIC, event.step, float(int(place or 0))))
    batch.summary["stage"] = storable(event.stage)


def _sort_state(batch: Batch, event: Event) -> None:
    """started, finished, failed and stopped change the run's status."""
    if event.kind == "started":
        facts = {key: value for key, value in event.data.items() if key not in ("versions", "pid")}
        batch.details.setdefault("versions", {}).update(_dict(event.data.get("versions")) | facts)
        batch.summary |= {"status": "running", "ended": None, "error": ""}
        return
    batch.summary |= {"status": event.kind, "ended": event.time, "remaining": None}
    batch.summary["error"] = storable(event.text) if event.kind == "failed" else ""
    if event.kind == "finished":
        batch.summary["fraction"] = 1.0


def _sort_result(batch: Batch, run_id: str, folder: Path, event: Event) -> None:
    """Take over the figures, then the files; a file that cannot be read costs a note only."""
    data = event.data
    result, teacher = _dict(data.get("result")), _dict(data.get("teacher"))
    batch.details |= {"result": result, "teacher": teacher}
    batch.details["layers"] = data["layers"] if isinstance(data.get("layers"), list) else []
    batch.details.setdefault("versions", {}).update(_dict(data.get("versions")))
    for name in ("accuracy", "accuracy_low", "accuracy_high", "bytes"):
        batch.summary[name] = real(result.get(name))
    batch.summary["latency"] = real(_dict(result.get("latency_ms")).get("median"))
    batch.summary["teacher_accuracy"] = real(teacher.get("accuracy"))
    batch.summary["teacher_bytes"] = real(teacher.get("bytes"))
    try:
        if data.get("package"):
            inside(folder, data["package"], "its package")
            batch.summary["package"] = data["package"]
        _sort_files(batch, folder, data, result)
    except (OSError, ValueError, KeyError, RecursionError, zipfile.BadZipFile, BadInput) as error:
        said = storable(f"The answers of this run could not be stored: {error}")
        batch.notes.append((run_id, event.time, "warning", said))


def _sort_files(batch: Batch, folder: Path, data: dict[str, Any], result: dict[str, Any]) -> None:
    """Read the examples (JSON) and the answers (npz, never pickled) that the result names."""
    fingerprint = storable(str(result.get("data_fingerprint", "")))
    split = storable(str(result.get("split", "test")))
    if data.get("examples"):
        path = inside(folder, data["examples"], "its examples")
        body = json.loads(path.read_text("utf-8"))
        fingerprint = storable(str(body["fingerprint"]))
        batch.examples = _make_examples(fingerprint, split, body)
    if not data.get("predictions"):
        return
    path = inside(folder, data["predictions"], "its predictions")
    with np.load(path, allow_pickle=False) as arrays:
        for who in ("student", "teacher"):
            if f"{who}_predicted" in arrays:
                columns = (arrays[f"{who}_predicted"], arrays[f"{who}_probabilities"])
                answers = Answers(split, fingerprint, arrays["labels"], *columns)
                _check_answers(answers)
                batch.answers[who] = answers


def _check_answers(answers: Answers) -> None:
    """Raise ValueError unless the three arrays have one row per example."""
    count = len(answers.labels)
    if len(answers.predicted) != count or len(answers.probabilities) != count:
        raise ValueError("its arrays have different lengths.")
    if count and answers.probabilities.ndim != 2:
        raise ValueError("its probabilities are not a table.")


def _make_examples(fingerprint: str, split: str, body: dict[str, Any]) -> Examples:
    texts = tuple([str(text) for text in column] for column in body["texts"])
    if len(texts) not in (1, 2) or len(texts[0]) != len(texts[-1]):
        raise ValueError("its examples are not one or two columns of the same length.")
    return Examples(fingerprint, split, list(body["labels"]), texts)


def _write_details(db: Database, run_id: str, details: dict[str, Any]) -> None:
    if "versions" in details:  # the start and the result each know a part
        row = db.execute("SELECT versions FROM details WHERE run = ?", (run_id,)).fetchone()
        told = read_details((None, None, None, None, row[0]))["versions"]
        details = {**details, "versions": told | details["versions"]}
    db.table("details").update(
        run_id,
        {name: json.dumps(finite(value), allow_nan=False) for name, value in details.items()},
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
