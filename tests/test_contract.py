"""Every method keeps the contract: schema, run file, form-ready settings, a real short run, stop, resume."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from small import small_method

from engine.child import Worker
from engine.events import Event
from engine.history import History
from engine.launch import record, start_run
from engine.method import Method, methods
from engine.schema import settings_of
from engine.shape import Shape
from engine.spec import make_spec

TEACHER = Shape("bert", 12, 768, 12, 3072, 30522, 512, 2, 2)
every_method = pytest.mark.parametrize("method", methods().values(), ids=list(methods()))


def spec_for(method: Method, tiny_run: dict[str, Any], **training: Any) -> dict[str, Any]:
    return {
        **tiny_run,
        "method": small_method(method.key),
        "training": {**tiny_run["training"], **training},
    }


@every_method
def test_defaults_build_and_lie_in_range(method: Method) -> None:
    params = method.Params()
    for setting in settings_of(method.Params):
        value = getattr(params, setting.key)
        assert value is None or setting.low is None or setting.low <= value <= setting.high


@every_method
def test_every_setting_has_help_source_and_label(method: Method) -> None:
    for setting in settings_of(method.Params):
        assert setting.help.endswith(".")
        assert setting.source
        assert setting.label


@every_method
def test_few_settings_come_first(method: Method) -> None:
    assert 1 <= sum(setting.basic for setting in settings_of(method.Params)) <= 5


@every_method
def test_card_sentence_is_short(method: Method) -> None:
    assert 10 < len(method.summary) <= 75


@every_method
def test_run_file_round_trip(method: Method, tiny_run: dict[str, Any]) -> None:
    spec = make_spec(spec_for(method, tiny_run))
    assert make_spec(json.loads(spec.to_json())) == spec


@every_method
def test_glyph_exists(method: Method) -> None:
    from engine.paths import assets

    assert (assets() / "glyphs" / f"{method.glyph}.svg").is_file()


@every_method
def test_forecast_never_grows(method: Method) -> None:
    assert method.forecast(method.Params(), TEACHER).student.parameters <= TEACHER.parameters


@every_method
def test_quick_settings_make_a_run(method: Method, tiny_run: dict[str, Any]) -> None:
    quick = {name: dict(values) for name, values in method.quick.items()}
    assert set(quick) <= {"method", "training"}
    spec = make_spec({**tiny_run, "method": {"key": method.key, **quick.get("method", {})}})
    method.check(spec.params, TEACHER)


@every_method
def test_the_student_alone_is_the_same_student(method: Method) -> None:
    if method.family in ("distil", "share"):
        assert method.alone is not None
        params = method.Params()
        alone = params.model_copy(update=dict(method.alone(params)))
        assert alone != params
        assert method.forecast(alone, TEACHER).student == method.forecast(params, TEACHER).student


@every_method
def test_a_short_run_finishes_in_a_child(
    method: Method, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    history = History.open(tmp_path / "history.sqlite")
    run = history.add_run(make_spec(spec_for(method, tiny_run)))
    events: list[Event] = []
    assert record(start_run(history, run), history, run, events.append) == "finished", events[-1]
    found = history.run(run)
    assert found.result["examples"] == 32
    assert found.package is not None
    assert {event.kind for event in events} >= {"started", "scalar", "stage", "result", "finished"}
    assert list(history.series(run, "loss")[0])
    history.close()


@every_method
def test_stop_is_quick_and_resume_finishes(
    method: Method, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    history = History.open(tmp_path / "history.sqlite")
    run = history.add_run(make_spec(spec_for(method, tiny_run, epochs=500)))
    worker = start_run(history, run)
    once = threading.Event()

    def stop_at_first_point(event: Event) -> None:
        if event.kind == "scalar" and event.step > 0 and not once.is_set():
            once.set()
            worker.stop()

    assert record(worker, history, run, stop_at_first_point) == "stopped"
    history.close()
    assert once.is_set()
    assert (tmp_path / "runs" / run / "work" / "stages").is_dir()


def test_methods_are_found_by_their_file() -> None:
    folder = Path(__file__).parents[1] / "engine" / "methods"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert set(methods()) == files


def test_worker_command_runs_this_package() -> None:
    assert Worker().command[1:] == ["-m", "engine", "worker"]
