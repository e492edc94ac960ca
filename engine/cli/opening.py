"""Opens what the arguments name: the history, and the package of a model."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from engine import paths
from engine.errors import BadInput
from engine.history import History
from engine.package import MANIFEST, Package
from engine.records import RunRecord


def open_history(given: argparse.Namespace, *, create: bool = False) -> History:
    """The history named, or the person's own; runs whose process is gone become interrupted."""
    path = given.history or paths.default_history()
    history = History.open(path, create=create or given.history is None)
    try:
        with contextlib.suppress(BadInput):  # a full disk must not keep anyone from reading
            history.mark_interrupted()
    except BaseException:
        history.close()
        raise
    return history


def open_model(given: argparse.Namespace) -> Package:
    """The package in a folder, or that of a finished run."""
    folder = Path(given.model).expanduser()
    if (folder / MANIFEST).is_file():
        return Package.open(folder)
    try:
        with open_history(given) as history:
            run = history.run(given.model)
    except BadInput:
        if folder.is_dir():
            return Package.open(folder)  # says what it lacks
        raise
    return Package.open(package_folder(run))


def package_folder(run: RunRecord) -> Path:
    """The folder of a run's finished package, or BadInput."""
    if run.package is None or not run.package.is_dir():
        raise BadInput(
            f'The run "{run.name}" is {run.status} and has no package; choose a finished run.'
        )
    return run.package
