"""What a stage keeps on the disk: said now and then, gone when complete, refused when damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from jobs import prepared, trained

from engine import checkpoint
from engine.errors import BadInput, Stopped
from engine.events import Event
from engine.job import Job


def stopped(run: dict[str, Any], folder: Path) -> Job:
    """A run that was stopped in its first step."""
    job = prepared(run, folder)
    real = job.progress

    def progress(share: float, **data: Any) -> None:
        real(share, **data)
        if data.get("done") == 1:
            job._stop.set()

    job.progress = progress  # type: ignore[method-assign]
    with pytest.raises(Stopped):
        job.method.run(job, job.params)
    return job


def test_saved_states_are_in_the_log_once_a_minute(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    events: list[Event] = []
    trained(tiny_run, tmp_path, events, epochs=1, save_every=0)
    (said,) = [event.text for event in events if event.text.startswith("State saved")]
    assert said.endswith("kB).")


def test_a_stop_in_the_first_step_keeps_the_whole_state(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    (last,) = stopped(tiny_run, tmp_path).work.glob("stages/*/last")
    found = checkpoint.load(last)
    assert found is not None
    assert set(found[1]) == {"model", "optimiser", "random"}
    assert found[0]["state"]["step"] == 1


def test_the_last_state_goes_when_the_stage_is_complete(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    trained(tiny_run, tmp_path, epochs=1, save_every=0)
    assert [path.name for path in (tmp_path / "run/work/stages/1").iterdir()] == ["done"]


def test_a_damaged_state_is_one_sentence(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    job = stopped(tiny_run, tmp_path)
    (path,) = job.work.glob("stages/*/last/model.safetensors")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(BadInput, match=r"is damaged .* delete that folder and resume the run"):
        trained(tiny_run, tmp_path)


def test_keep_last_stores_no_second_copy(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    student = trained(tiny_run, tmp_path, epochs=1, keep="last", save_every=0)
    found = checkpoint.load(tmp_path / "run/work/stages/1/done")
    assert found is not None
    same = [torch.equal(v, student.state_dict()[n]) for n, v in found[1]["model"].items()]
    assert same
    assert all(same)
