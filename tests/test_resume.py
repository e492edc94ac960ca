"""A run that is killed again and again ends with the same bytes and points as one left alone."""

from __future__ import annotations

import hashlib
import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small import small_method

from engine.events import Event
from engine.history import History
from engine.launch import record, start_run
from engine.method import methods
from engine.spec import make_spec

Moment = Callable[[Event], bool]
PER_EPOCH = 12


def at_step(step: int) -> Moment:
    return lambda event: event.kind == "scalar" and event.step >= step


def in_stage(title: str) -> Moment:
    """At the first point of a stage, or at its begin where a stage plots nothing."""
    kind = "stage" if title in ("Prepare", "Measure") else "scalar"
    return lambda event: event.kind == kind and event.stage == title and event.step > 0


KILLS: dict[str, Moment] = {
    "first step": at_step(1),
    "mid-epoch": at_step(5),
    "between epochs": at_step(PER_EPOCH),
    "second epoch": at_step(PER_EPOCH + 4),
    "export": in_stage("Measure"),
}


def run_to_end(folder: Path, spec: dict[str, Any], kills: list[Moment]) -> tuple[History, str]:
    """Run, killing the child with SIGKILL at each moment in turn, until it finishes."""
    history = History.open(folder / "history.sqlite")
    run = history.add_run(make_spec(spec))
    for moment in itertools.chain(kills, [None]):
        worker = start_run(history, run)

        def kill(event: Event, moment: Moment | None = moment, worker: Any = worker) -> None:
            if moment and moment(event) and worker.alive:
                os.kill(worker.pid, signal.SIGKILL)

        status = record(worker, history, run, kill)
        assert status == ("failed" if moment else "finished"), history.run(run).error
    return history, run


def fingerprints(history: History, run: str) -> dict[str, str]:
    """Hashes of everything that must not differ: model, weights, answers and points."""
    package = history.run(run).package
    assert package is not None
    files = [package / "model.onnx", *package.glob("weights/model.safetensors")]
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    for name in history.metric_names(run):
        if not name.startswith("machine/"):
            steps, values = history.series(run, name)
            found[name] = hashlib.sha256(
                np.asarray(steps).tobytes() + np.asarray(values).tobytes()
            ).hexdigest()
    return found


@pytest.mark.parametrize("key", list(methods()))
def test_killed_run_ends_with_the_same_bytes(
    key: str, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    training = {**tiny_run["training"], "save_every": 0.0, "threads": 2}
    spec = {**tiny_run, "method": small_method(key), "training": training}
    stages = methods()[key].stages(make_spec(spec).params)
    kills = list(KILLS.values()) if len(stages) == 3 else [in_stage(one) for one in stages[1:]]
    alone = run_to_end(tmp_path / "alone", spec, [])
    killed = run_to_end(tmp_path / "killed", spec, kills)
    assert fingerprints(*killed) == fingerprints(*alone)
    assert list(killed[0].notes(killed[1]))
    for history, _ in (alone, killed):
        history.close()


def test_stopped_run_ends_with_the_same_bytes(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    alone = run_to_end(tmp_path / "alone", tiny_run, [])
    history = History.open(tmp_path / "stopped" / "history.sqlite")
    run = history.add_run(make_spec(tiny_run))
    worker = start_run(history, run)
    assert (
        record(worker, history, run, lambda event: worker.stop() if at_step(7)(event) else None)
        == "stopped"
    )
    assert record(start_run(history, run), history, run) == "finished"
    assert fingerprints(history, run) == fingerprints(*alone)
    alone[0].close()
    history.close()
