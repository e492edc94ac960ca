"""`run` with a baseline, a text and a file: in real child processes, or refused in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine import commands, events
from engine.history import History
from engine.pairing import is_baseline


def run_file(folder: Path, teacher: Path, data: dict[str, object], **changes: Any) -> Path:
    training = {"epochs": 1, "batch_size": 8, "max_length": 16, "threads": 1}
    values = {
        "name": "tiny", "teacher": {"source": "folder", "path": str(teacher)}, "data": data,
        "method": {"key": "pkd", "layers": 2}, "training": training, "device": "cpu",
    }  # fmt: skip
    path = folder / "run.json"
    path.write_text(json.dumps(values | changes), "utf-8")
    return path


def test_the_baseline_follows_the_run(
    tiny_teacher: Path, tiny_data: dict[str, object], tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:  # fmt: skip
    file = run_file(tmp_path, tiny_teacher, tiny_data)
    path = tmp_path / "history.sqlite"
    assert commands.main(["run", str(file), "--baseline", "--history", str(path), "--json"]) == 0
    told = [events.parse(line) for line in capfdbinary.readouterr().out.decode().splitlines()]
    with History.open(path) as history:
        alone, taught = (history.run(one.id) for one in history.runs())
    assert [one.data["run"] for one in told if one and "run" in one.data] == [taught.id, alone.id]
    assert [one.kind for one in told if one].count("finished") == 2
    assert alone.name == "tiny (no teacher)"
    assert is_baseline(alone.spec, taught.spec)


def test_no_baseline_after_a_run_that_failed(
    tiny_teacher: Path, tiny_data: dict[str, object], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from engine.cli import train

    monkeypatch.setattr(train, "_follow", lambda *given: 130)
    file = run_file(tmp_path, tiny_teacher, tiny_data)
    path = tmp_path / "history.sqlite"
    assert commands.main(["run", str(file), "--baseline", "--history", str(path)]) == 130
    assert '"tiny (no teacher)" was not begun' in capsys.readouterr().err
    with History.open(path) as history:
        assert len(history.runs()) == 1


def test_a_method_without_a_teacher_is_refused_before_anything_begins(
    tiny_teacher: Path, tiny_data: dict[str, object], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    file = run_file(tmp_path, tiny_teacher, tiny_data, method={"key": "finetune"})
    path = tmp_path / "history.sqlite"
    assert commands.main(["run", str(file), "--baseline", "--history", str(path)]) == 2
    assert "no teacher to leave out" in capsys.readouterr().err
    with History.open(path) as history:
        assert history.runs() == []


def test_methods_tell_presets_stages_and_baselines(capfdbinary: Any) -> None:
    assert commands.main(["methods", "--json"]) == 0
    found = {one["key"]: one for one in json.loads(capfdbinary.readouterr().out)}
    assert found["pkd"]["quick"]["training"]["epochs"] == 3
    assert found["pkd"]["stages"] == ["Prepare", "Train", "Measure"]
    assert (found["pkd"]["baseline"], found["finetune"]["baseline"]) == (True, False)
