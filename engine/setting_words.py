"""Plain words for the entries of a run file: what each is called, and what its value says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath, PureWindowsPath
from typing import Any

from engine import wording
from engine.bundled import bundled_sets
from engine.method import methods
from engine.schema import Setting, settings_of
from engine.training import training_settings

_BLOCKS = {
    "name": "Name", "method.key": "Method", "seed": "Seed", "device": "Device",
    "teacher.source": "Teacher from", "teacher.name": "Teacher", "teacher.id": "Teacher",
    "teacher.path": "Teacher folder", "teacher.revision": "Teacher revision",
    "data.source": "Data from", "data.name": "Data", "data.id": "Data",
    "data.text": "Text columns", "data.label": "Label column", "data.train": "Training file",
    "data.validation": "Validation file", "data.test": "Test file",
    "data.unlabelled": "Unlabelled file", "data.config": "Data configuration",
    "data.revision": "Data revision", "text.source": "Plain text from", "text.name": "Plain text",
    "text.id": "Plain text", "text.path": "Plain text file", "text.config": "Text configuration",
    "text.revision": "Text revision", "text.split": "Text split", "text.column": "Text column",
}  # fmt: skip
_SOURCES = {
    "bundled": "Bundled", "folder": "A folder", "hub": "The hub", "run": "An earlier run",
    "files": "Files", "file": "A file", "data": "The run's data",
}  # fmt: skip


def plain_setting(key: str, method_keys: Sequence[str] = ()) -> tuple[str, str]:
    """The label and the unit of a dotted key such as "method.layers"."""
    if key in _BLOCKS:
        return _BLOCKS[key], ""
    block, _, tail = key.partition(".")
    found: list[Setting] = []
    if block == "training":
        found = [one for one in training_settings() if one.key == tail]
    elif block == "method":
        known = [methods()[one] for one in method_keys if one in methods()]
        found = [s for one in known for s in settings_of(one.Params) if s.key == tail]
    if found:
        return found[0].label, found[0].unit
    return (tail or key).replace("_", " ").replace(".", ", ").capitalize(), ""


def plain_value(key: str, value: Any) -> str:
    """A setting's value as words; None is a setting that the run does not have."""
    if value is None:
        return wording.UNKNOWN
    if isinstance(value, bool):
        return "On" if value else "Off"
    if key == "method.key" and str(value) in methods():
        return methods()[str(value)].title
    if key.endswith(".source"):
        return _SOURCES.get(str(value), str(value))
    if isinstance(value, float):
        small = 0 < abs(value) < 1e-3
        return wording.scientific(value) if small else f"{value:g}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def text_of(spec: Mapping[str, Any]) -> str:
    """The plain text that a run reads besides its data, as a history holds its spec: "WikiText-2".

    "" where it reads none, or the sentences of its own data.
    """
    block = spec.get("text")
    if not isinstance(block, Mapping):  # a run from before there was a choice
        return ""
    named, source = block.get("name") or block.get("id"), block.get("source")
    if source == "file" and isinstance(block.get("path"), str):
        named = PureWindowsPath(PurePath(block["path"]).name).name
    if source == "bundled":
        named = next((one.title for one in bundled_sets() if one.name == named), named)
    return named[:60] if isinstance(named, str) else ""
