"""What the history hands out: a run's record, its stages, its answers and their examples."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np

from engine import paths
from engine.errors import BadInput

STATUSES = ("queued", "running", "paused", "interrupted", "finished", "failed", "stopped")
LONGEST_NAME = 200
LARGEST_WHOLE = 2**63
_ID = re.compile(r"[0-9a-z-]{1,64}")
_TEXTS = (
    "id", "name", "method", "family", "status", "folder", "package", "error", "stage", "note",
    "tags",
)  # fmt: skip
_NUMBERS = (
    "seed", "created", "started", "ended", "fraction", "remaining", "accuracy", "accuracy_low",
    "accuracy_high", "bytes", "latency", "teacher_accuracy", "teacher_bytes", "queue", "demo",
)  # fmt: skip
SUMMARY = _TEXTS + _NUMBERS
DETAILS = ("spec", "result", "teacher", "layers", "versions")


@dataclass(frozen=True)
class RunRecord:
    """One run as the history knows it; lists leave the five detail fields empty.

    Times are seconds since 1970, `latency` is the median in ms, `remaining` is in seconds.
    """

    id: str
    name: str
    method: str
    family: str
    status: str
    seed: int
    created: float
    started: float | None
    ended: float | None
    folder: Path
    package: Path | None
    error: str
    stage: str
    fraction: float | None
    remaining: float | None
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    bytes: int | None
    latency: float | None
    teacher_accuracy: float | None
    teacher_bytes: int | None
    note: str
    tags: tuple[str, ...]
    queue: int | None
    demo: bool
    spec: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    teacher: dict[str, Any] = field(default_factory=dict)
    layers: list[Any] = field(default_factory=list)
    versions: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """One stage of a run; `state` is "begun" or "done", `seconds` its longest measured time."""

    title: str
    index: int
    state: str
    seconds: float | None


@dataclass(frozen=True)
class Answers:
    """What one model answered on one split; rows are in the order of the examples.

    `labels` and `predicted` are int64 [examples], `probabilities` float32 [examples, classes].
    """

    split: str
    fingerprint: str
    labels: np.ndarray
    predicted: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class Examples:
    """The sentences that answers belong to: one or two parallel lists, and their class ids."""

    fingerprint: str
    split: str
    labels: list[Any]
    texts: tuple[list[str], ...]


def make_record(row: tuple[Any, ...], history: Path, details: dict[str, Any]) -> RunRecord:
    """Build a record from a row of the SUMMARY columns; the file's types are not trusted."""
    values: dict[str, Any] = dict(zip(SUMMARY, row, strict=True))
    for name in _TEXTS:
        values[name] = values[name] if isinstance(values[name], str) else ""
    for name in _NUMBERS:
        values[name] = real(values[name])
    for name in ("seed", "created"):
        values[name] = values[name] or 0
    folder = run_folder(history, values["id"], values["folder"])
    package = values["package"]
    values.update(
        folder=folder,
        package=folder / package if package and is_plain(package) else None,
        status=values["status"] if values["status"] in STATUSES else "interrupted",
        tags=tuple(values["tags"].split("\n")) if values["tags"] else (),
        demo=bool(values["demo"]),
    )
    return RunRecord(**values, **details)


def read_details(texts: tuple[Any, ...]) -> dict[str, Any]:
    """Parse the five detail fields; one that is damaged or of the wrong type reads as empty."""
    found: dict[str, Any] = {}
    for name, text in zip(DETAILS, texts, strict=True):
        empty: Any = [] if name == "layers" else {}
        try:
            value = json.loads(text) if isinstance(text, str) and text else empty
        except (ValueError, RecursionError):
            value = empty
        found[name] = value if isinstance(value, type(empty)) else empty
    return found


def real(value: Any) -> Any:
    """`value` when it is a finite number that SQLite can hold, else None."""
    if type(value) is int:
        return value if abs(value) < LARGEST_WHOLE else None
    return value if isinstance(value, float) and math.isfinite(value) else None


def finite(value: Any) -> Any:
    """A copy of JSON-like `value` in which NaN and infinities are None."""
    if isinstance(value, dict):
        return {str(key): finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def plain_name(text: str, what: str) -> str:
    """A person's text on one line without control characters, or BadInput when it is too long."""
    name = " ".join("".join(one for one in word if one.isprintable()) for word in text.split())
    if len(name) > LONGEST_NAME:
        raise BadInput(f"{what} is longer than {LONGEST_NAME} characters; shorten it.")
    return name


def storable(text: str) -> str:
    """`text` with halves of surrogate pairs replaced, which JSON can bring and UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def is_id(text: str) -> bool:
    """Whether `text` can be a run's id."""
    return bool(_ID.fullmatch(text))


def is_plain(name: str) -> bool:
    """Whether a relative path goes down only, on every platform."""
    parts = PurePosixPath(name).parts + PureWindowsPath(name).parts
    absolute = PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor
    return bool(parts) and not absolute and ".." not in parts and "\0" not in name


def inside(folder: Path, name: Any, what: str) -> Path:
    """The file `name` below `folder`, or BadInput when the path leaves it (links included)."""
    if isinstance(name, str) and is_plain(name):
        path = folder / name
        if path.resolve().is_relative_to(folder.resolve()):
            return path
    raise BadInput(f"The run names {str(name)[:80]!r} as {what}, which is not in its folder.")


def run_folder(history: Path, run_id: str, stored: str) -> Path:
    """Where a run's files lie: beside the history or in the assets, whatever the row claims."""
    usual = paths.runs_folder(history) / (run_id if is_id(run_id) else "unknown")
    if not stored:
        return usual
    named = Path(history.parent, stored)
    allowed = (history.parent, paths.assets())
    known = ".." not in named.parts and any(named.is_relative_to(one) for one in allowed)
    return named if known else usual
