"""Hands a run out: its deployable model, its reusable weights, or its report, in a new folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.errors import BadInput
from engine.history import History
from engine.package import CARD, MANIFEST, MODEL, TOKENIZER, WEIGHTS, Package
from engine.records import RunRecord
from engine.report import write_report

REPORT = "report.html"
DEPLOYED = (MODEL, TOKENIZER, MANIFEST, CARD)


def hand_out(history: History, run_id: str, folder: Path, form: str) -> Path:
    """Write a run as "onnx", "folder" (Hugging Face style) or "report"; return what was written.

    `folder` must be new or empty; it is filled whole or not at all. Raises BadInput.
    """
    run = history.run(run_id)
    target = Path(os.path.abspath(folder.expanduser()))
    _refuse_taken(target)
    if form == "report":
        with _filled(target) as draft:
            (draft / REPORT).write_bytes(write_report(run, history).encode("utf-8", "replace"))
        return target / REPORT
    package = _package(run)
    source = package.folder
    names: tuple[str, ...] = DEPLOYED
    if form == "folder":
        source, names = package.folder / WEIGHTS, _weights(package.folder / WEIGHTS, run)
    with _filled(target) as draft:
        for name in names:
            if _is_file(source / name):
                shutil.copyfile(source / name, draft / name)
    return target


def _package(run: RunRecord) -> Package:
    if run.package is None or not run.package.is_dir():
        raise BadInput(f'The run "{run.name}" is {run.status} and has no model; finish it first.')
    return Package.open(run.package)


def _weights(folder: Path, run: RunRecord) -> tuple[str, ...]:
    """The files of a Hugging Face style folder."""
    names = tuple(sorted(one.name for one in folder.iterdir())) if folder.is_dir() else ()
    if "config.json" not in names or "model.safetensors" not in names:
        raise BadInput(
            f'The model of "{run.name}" has no Hugging Face form; export it as onnx instead.'
        )
    return names


def _is_file(path: Path) -> bool:
    """A file of its own: a link could bring in anything."""
    return path.is_file() and not path.is_symlink()


def _refuse_taken(target: Path) -> None:
    try:
        taken = target.is_symlink() or (target.exists() and not target.is_dir())
        if taken or (target.is_dir() and any(target.iterdir())):
            raise BadInput(f"{target} is not empty; choose a new folder.")
    except OSError as error:
        raise BadInput(f"{target} cannot be read: {error.strerror or error}.") from None


@contextlib.contextmanager
def _filled(target: Path) -> Iterator[Path]:
    """A folder to fill, which takes the target's place when everything is there."""
    draft: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        yield draft
        draft.chmod(0o755)
        if target.exists():
            target.rmdir()  # refuses if anything has come in meanwhile
        draft.rename(target)
    except OSError as error:
        raise BadInput(f"{target} cannot be written: {error.strerror or error}.") from None
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)
