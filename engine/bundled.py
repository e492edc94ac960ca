"""The data sets that travel with Thimble: one folder each of parquet files and an about.json."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engine.errors import BadInput, nearest
from engine.paths import assets
from engine.tables import Source, Table, quoted, read_table


@dataclass(frozen=True)
class BundledSet:
    """What a person chooses by; `labels` counts classes, `counts` rows per split."""

    name: str
    title: str
    sentence: str
    labels: int
    counts: dict[str, int]
    has_unlabelled: bool
    kind: Literal["classification", "text"]


def bundled_sets() -> tuple[BundledSet, ...]:
    """The sets in the order to show them; reads no rows."""
    return tuple(
        BundledSet(
            name=about["name"],
            title=about["title"],
            sentence=about["sentence"],
            labels=len(about["labels"]),
            counts={k: v for k, v in about["counts"].items() if k != "unlabelled"},
            has_unlabelled="unlabelled" in about["counts"],
            kind=about["kind"],
        )
        for about in _abouts()
    )


def bundled_text(name: str, split: str = "") -> list[str]:
    """The lines of a bundled text, or the unlabelled sentences of a classification set.

    `split` is train (if left empty), validation or test of a text set. Lines stand as in the
    source, empty ones too. Raises BadInput for unknown names.
    """
    about = _about(name)
    split = split or ("train" if about["kind"] == "text" else "unlabelled")
    if split not in about["counts"]:
        raise BadInput(f"{about['title']} has no {split} text; choose another set.", "data.name")
    return _columns(about, split, ["text"])["text"]


def read_bundled(name: str) -> Source:
    """Read a bundled classification set. Raises BadInput for unknown names and text sets."""
    about = _about(name)
    if about["kind"] == "text":
        raise BadInput(
            f"{about['title']} is plain text without labels; choose a set with labels.", "data.name"
        )
    tables = {
        split: Table(f"{about['title']} {split}", _columns(about, split, ["text", "label_name"]))
        for split in ("train", "validation", "test")
    }
    unlabelled = bundled_text(name) if "unlabelled" in about["counts"] else []
    return Source(
        name, about["title"], ("text",), "label_name", tables,
        tuple(about["labels"]), tuple(unlabelled),
    )  # fmt: skip


@functools.cache
def _abouts() -> tuple[dict[str, Any], ...]:
    files = (assets() / "data").glob("*/about.json")
    abouts = [json.loads(file.read_text("utf-8")) for file in files]
    return tuple(sorted(abouts, key=lambda about: about["place"]))


def _about(name: str) -> dict[str, Any]:
    for about in _abouts():
        if about["name"] == name:
            return about
    names = [about["name"] for about in _abouts()]
    raise BadInput(
        f"There is no bundled data set {quoted(name)}{nearest(name, names) or ';'} "
        f"there are {', '.join(names)}.",
        "data.name",
    )


def _columns(about: dict[str, Any], split: str, wanted: list[str]) -> dict[str, list[Any]]:
    path = assets() / "data" / about["name"] / f"{split}.parquet"
    _verify(path, about["files"][path.name]["sha256"])
    return read_table(path, wanted, "data.name").columns


@functools.cache
def _verify(path: Path, sha256: str) -> None:
    """Refuse a bundled file that is not the one that was shipped; once per process and file."""
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        found = ""
    if found != sha256:
        raise BadInput(
            f"The bundled file {path.parent.name}/{path.name} is missing or damaged; install "
            "Thimble again.",
            "data.name",
        )
