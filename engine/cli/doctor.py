"""`doctor`: whether this computer, the installation and the history are in order."""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import engine
from engine import paths, wording
from engine.bundled import bundled_sets
from engine.cli.output import table, write_json
from engine.errors import BadInput
from engine.history import History
from engine.runtime import usable_threads
from engine.spec import BundledTeacher
from engine.teacher import bundled_teachers, inspect_teacher
from engine.timing import processor

PACKAGES = (
    "torch", "transformers", "tokenizers", "safetensors", "onnx", "onnxruntime", "datasets",
    "pyarrow", "numpy", "pydantic", "sqlite-utils", "PySide6_Essentials", "pyqtgraph",
)  # fmt: skip
LEAST_FREE = 1_000_000_000  # bytes: a run with its checkpoints
LEAST_MEMORY = 2_000_000_000


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    value: str
    ok: bool = True


def doctor(given: argparse.Namespace) -> int:
    """Look at everything a run needs; exit status 1 when something is wrong."""
    path = (given.history or paths.default_history()).expanduser().absolute()
    found = [*_installation(), *_computer(), *_history(path), *_space(path), *_assets()]
    well = all(one.ok for one in found)
    if given.json:
        write_json({"ok": well, "findings": [asdict(one) for one in found]})
    else:
        table(
            ("", "What", "Found"),
            [("ok" if one.ok else "wrong", one.name, one.value) for one in found],
        )
    return 0 if well else 1


def _installation() -> list[Finding]:
    """Versions as installed; nothing is imported."""
    found = [
        Finding("Thimble", engine.__version__),
        Finding("Python", platform.python_version(), sys.version_info >= (3, 11)),
    ]
    for name in PACKAGES:
        try:
            found.append(Finding(name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append(Finding(name, "Not installed; install Thimble again.", ok=False))
    return found


def _computer() -> list[Finding]:
    import psutil

    memory = psutil.virtual_memory()
    used, total = memory.available / 1e9, memory.total / 1e9
    cores = f"{processor()}, {usable_threads()} threads used for measuring at most"
    return [
        Finding("System", platform.platform(terse=True)),
        Finding("Processor", cores),
        Finding("Memory", f"{used:.1f} of {total:.1f} GB free", memory.available > LEAST_MEMORY),
    ]


def _history(path: Path) -> list[Finding]:
    """Integrity, size, and runs that were cut short; a history not there yet is fine."""
    if not path.exists():
        return [Finding("History", f"{path}: not there yet")]
    try:
        with History.open(path, create=False) as history:
            history.mark_interrupted()
            integrity = history.check()
            cut_short = history.runs(["interrupted"])
            count = len(history.runs())
    except BadInput as error:
        return [Finding("History", str(error), ok=False)]
    size = wording.size(path.stat().st_size)
    found = [
        Finding("History", f"{path}: {wording.count(count)} runs, {size}"),
        Finding("History integrity", integrity, integrity == "ok"),
    ]
    names = ", ".join(f"{one.name} ({one.id})" for one in cut_short)
    return [*found, Finding("Interrupted runs", names or "none")]


def _space(path: Path) -> list[Finding]:
    """Free space where runs are written."""
    folder = next(one for one in path.parents if one.exists())
    free = shutil.disk_usage(folder).free
    return [Finding("Free space", f"{wording.size(free)} at {folder}", free >= LEAST_FREE)]


def _assets() -> list[Finding]:
    """Whether the bundled teachers and data sets are whole."""
    teachers = [_asset(one.title, one.name) for one in bundled_teachers()]
    sets = []
    for one in bundled_sets():
        folder = paths.assets() / "data" / one.name
        lost = [split for split in one.counts if not (folder / f"{split}.parquet").is_file()]
        said = f"Missing: {', '.join(lost)}; install Thimble again." if lost else "ready"
        sets.append(Finding(f"Data: {one.title}", said, not lost))
    missing = "Missing; install Thimble again."
    return [
        *(teachers or [Finding("Bundled teachers", missing, ok=False)]),
        *(sets or [Finding("Bundled data", missing, ok=False)]),
    ]


def _asset(title: str, name: str) -> Finding:
    try:
        inspect_teacher(BundledTeacher(source="bundled", name=name))
    except BadInput as error:
        return Finding(f"Teacher: {title}", str(error), ok=False)
    return Finding(f"Teacher: {title}", "ready")
