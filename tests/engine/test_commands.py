"""The command line: real runs in child processes, exit statuses, one sentence per error."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine import commands, events
from engine.cli import doctor
from engine.errors import BadInput
from engine.history import History
from engine.package import Package
from engine.spec import make_spec
from engine.teacher import inspect_folder

ROOT = Path(commands.__file__).parent.parent
Call = Callable[..., tuple[int, str, str]]


def process(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "engine", *map(str, arguments)], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # fmt: skip


def run_file(folder: Path, **values: Any) -> Path:
    path = folder / "run.json"
    path.write_text(json.dumps(values), "utf-8")
    return path


def spec_of(teacher: Path, data: dict[str, object], epochs: int = 2) -> dict[str, Any]:
    training = {"epochs": epochs, "batch_size": 8, "max_length": 16, "threads": 1}
    return {
        "name": "tiny", "teacher": {"source": "folder", "path": str(teacher)}, "data": data,
        "method": {"key": "pkd", "layers": 2}, "training": training, "device": "cpu",
    }  # fmt: skip


@dataclass(frozen=True)
class Done:
    """A finished run: its history, its run file and what it said."""

    history: Path
    file: Path
    lines: list[str]
    status: int


@pytest.fixture(scope="module")
def done(
    tiny_teacher: Path, tiny_data: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> Done:
    folder = tmp_path_factory.mktemp("done")
    file = run_file(folder, **spec_of(tiny_teacher, tiny_data))
    history = folder / "history.sqlite"
    command = process("run", file, "--history", history, "--json")
    out, err = command.communicate(timeout=120)
    assert command.returncode == 0, err
    return Done(history, file, out.splitlines(), command.returncode)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls a command in this process: (status, stdout, stderr)."""

    def one(*arguments: object) -> tuple[int, str, str]:
        status = commands.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return one


def refused(call: Call, *arguments: object) -> str:
    """The sentence with which a command refuses its input."""
    status, out, err = call(*arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    return err


# --- run, stop, resume ----------------------------------------------------------------------------


def test_a_run_prints_events_and_ends_with_finished(done: Done) -> None:
    told = [events.parse(line) for line in done.lines]
    assert None not in told
    kinds = [one.kind for one in told if one]
    assert kinds[-1] == "finished"
    assert {"started", "scalar", "stage", "progress", "result"} <= set(kinds)
    assert told[0] is not None
    assert "run" in told[0].data


def test_a_stopped_run_exits_130_and_can_be_resumed(
    tiny_teacher: Path, tiny_data: dict[str, object], tmp_path: Path, call: Call
) -> None:
    file = run_file(tmp_path, **spec_of(tiny_teacher, tiny_data, epochs=30))
    history = tmp_path / "history.sqlite"
    command = process("run", file, "--history", history, "--json")
    assert command.stdout is not None
    while '"loss"' not in command.stdout.readline():
        assert command.poll() is None
    command.send_signal(signal.SIGTERM)
    out, err = command.communicate(timeout=60)
    assert command.returncode == 130
    assert '"kind":"stopped"' in out
    assert "resume" in err
    status, _, err = call("resume", "tiny", "--history", history)
    assert (status, "Measure" in err) == (0, True)
    with History.open(history) as opened:
        assert opened.run("tiny").status == "finished"


def test_a_run_that_fails_exits_1_with_its_sentence(
    tiny_teacher: Path, tiny_data: dict[str, object], tmp_path: Path, call: Call
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for one in tiny_teacher.iterdir():
        (broken / one.name).write_bytes(one.read_bytes())
    config = json.loads((broken / "config.json").read_text())
    (broken / "config.json").write_text(json.dumps({**config, "intermediate_size": 48}))
    file = run_file(tmp_path, **spec_of(broken, tiny_data))
    status, _, err = call("run", file, "--history", tmp_path / "h.sqlite")
    with History.open(tmp_path / "h.sqlite") as history:
        run = history.run("tiny")
    assert (status, run.status) == (1, "failed")
    assert run.error in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": {"key": "pdk"}}, '"pkd"'),
        ({"method": {"key": "pkd", "layers": 9}}, "at most 4"),
        ({"teacher": {"source": "folder", "path": "/no/such"}}, "There is no folder"),
        ({"data": {"source": "files", "train": "/no/such.tsv"}}, "/no/such.tsv"),
        ({"teacher": {"source": "run", "id": "ghost"}}, '"ghost"'),
    ],
)
def test_bad_input_leaves_no_run_behind(
    change: dict[str, Any], words: str, tiny_teacher: Path, tiny_data: dict[str, object],
    tmp_path: Path, call: Call,
) -> None:  # fmt: skip
    file = run_file(tmp_path, **{**spec_of(tiny_teacher, tiny_data), **change})
    history = tmp_path / "history.sqlite"
    assert words in refused(call, "run", file, "--history", history)
    with History.open(history) as opened:
        assert opened.runs() == []


def test_a_finished_run_cannot_be_resumed(done: Done, call: Call) -> None:
    assert "finished" in refused(call, "resume", "tiny", "--history", done.history)


def test_relative_paths_start_from_the_run_file(tmp_path: Path) -> None:
    from engine.cli.train import _pinned

    spec = make_spec(spec_of(Path("t"), {"source": "files", "train": "../a.tsv"}))
    with History.open(tmp_path / "h.sqlite") as history:
        pinned = _pinned(spec, tmp_path / "files", history).model_dump()
    assert pinned["teacher"]["path"] == str(tmp_path / "files" / "t")
    assert (pinned["data"]["train"], pinned["data"]["test"]) == (str(tmp_path / "a.tsv"), None)


def test_a_narrow_terminal_folds_text_but_never_figures_or_paths(
    done: Done, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = call("compare", "tiny", "--history", done.history)[1]
    assert re.search(r"^teacher\S* .*%.*reference.*kB.*ms", out, re.MULTILINE)
    assert str(done.history.parent) in call("show", "tiny", "--history", done.history)[1]


# --- the history ----------------------------------------------------------------------------------


def test_show_as_json_has_the_fixed_keys(done: Done, call: Call) -> None:
    found = json.loads(call("show", "tiny", "--history", done.history, "--json")[1])
    top = "id name method status seed started ended spec package teacher result layers versions"
    assert set(top.split()) <= set(found)
    assert {"accuracy", "bytes", "parameters", "latency_ms"} <= set(found["teacher"])
    result = (
        "split examples accuracy accuracy_low accuracy_high macro_f1 agreement bytes bytes_nominal "
        "parameters nonzero_parameters macs latency_ms compression speedup sparsity mean_bits"
    )
    assert set(result.split()) <= set(found["result"])
    assert {"median", "p95", "batch", "length", "threads"} <= set(found["result"]["latency_ms"])
    assert {"name", "sparsity", "bits"} <= set(found["layers"][0])
    assert Path(found["package"], "model.onnx").stat().st_size == found["result"]["bytes"]


def test_show_and_runs_say_it_in_words(done: Done, call: Call) -> None:
    assert "than its teacher" in call("show", "tiny", "--history", done.history)[1]
    assert "finished" in call("runs", "--history", done.history)[1]


def test_a_run_whose_process_is_gone_is_shown_as_interrupted(tmp_path: Path, call: Call) -> None:
    bundled = {"source": "bundled", "name": "x"}
    spec = make_spec({"teacher": bundled, "data": bundled, "method": {"key": "pkd"}})
    gone = subprocess.Popen([sys.executable, "-c", ""])
    with History.open(tmp_path / "h.sqlite") as history:
        history.begin(history.add_run(spec), gone.pid)
    gone.wait()
    (found,) = json.loads(call("runs", "--history", tmp_path / "h.sqlite", "--json")[1])
    assert found["status"] == "interrupted"


def test_a_history_that_cannot_be_written_now_can_be_read(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: History) -> None:
        raise BadInput("The disk is full.")

    monkeypatch.setattr(History, "mark_interrupted", full)
    History.open(tmp_path / "h.sqlite").close()
    status, said, _ = call("runs", "--history", tmp_path / "h.sqlite", "--json")
    assert (status, json.loads(said)) == (0, [])


def test_data_cannot_steer_the_terminal(tmp_path: Path, call: Call) -> None:
    with History.open(tmp_path / "h.sqlite") as history:
        bundled = {"source": "bundled", "name": "x"}
        spec = make_spec({"teacher": bundled, "data": bundled, "method": {"key": "pkd"}})
        run = history.add_run(spec, status="stopped")
        history.set_note(run, "a\x1b[31mred\x1b]0;title\x07 [bold]b[/bold] \u202eturned")
    out = call("show", run, "--history", tmp_path / "h.sqlite")[1]
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
    assert "[bold]b[/bold]" in out


def test_compare_sets_runs_beside_their_teacher(done: Done, call: Call) -> None:
    found = json.loads(call("compare", "tiny", "--history", done.history, "--json")[1])
    teacher, run = found["rows"]
    assert (teacher["verdict"], run["name"]) == ("reference", "tiny")
    assert run["smaller"] == pytest.approx(teacher["bytes"] / run["bytes"])
    assert "reference" in call("compare", "tiny", "--history", done.history)[1]


def test_an_unknown_run_is_refused_with_the_nearest_name(done: Done, call: Call) -> None:
    assert 'did you mean "tiny"' in refused(call, "show", "tinny", "--history", done.history)
    missing = done.history.with_name("none.sqlite")
    assert "none.sqlite" in refused(call, "runs", "--history", missing)
    assert not missing.exists()


def test_methods_come_with_the_schema_of_their_settings(call: Call) -> None:
    found = {one["key"]: one for one in json.loads(call("methods", "--json")[1])}
    assert found["pkd"]["schema"]["properties"]["layers"]["default"] == 3
    assert "Patient KD" in call("methods")[1]


# --- packages at work -----------------------------------------------------------------------------


def test_evaluate_repeats_the_figures_of_the_run(done: Done, call: Call) -> None:
    shown = json.loads(call("show", "tiny", "--history", done.history, "--json")[1])["result"]
    found = json.loads(call("evaluate", "tiny", done.file, "--history", done.history, "--json")[1])
    same = ("accuracy", "accuracy_low", "macro_f1", "examples", "data_fingerprint", "bytes")
    assert {name: found[name] for name in same} == {name: shown[name] for name in same}


def test_evaluate_takes_a_data_block_and_refuses_what_is_none(
    done: Done, tiny_data: dict[str, object], tmp_path: Path, call: Call
) -> None:
    block = run_file(tmp_path, **tiny_data)
    status, out, _ = call("evaluate", "tiny", block, "--split", "train", "--history", done.history)
    assert (status, "train, 96 sentences" in out) == (0, True)
    block.write_text('{"source": "flies"}')
    assert "files" in refused(call, "evaluate", "tiny", block, "--history", done.history)


def test_predict_gives_shares_that_sum_to_one(done: Done, call: Call) -> None:
    texts = ("a good film", "größe \udcff")
    found = json.loads(call("predict", "tiny", *texts, "--history", done.history, "--json")[1])
    assert [one["text"] for one in found] == ["a good film", "größe ?"]
    for one in found:
        assert sum(one["probabilities"].values()) == pytest.approx(1, abs=1e-6)
        assert one["label"] == max(one["probabilities"], key=one["probabilities"].get)


def test_an_exported_model_works_by_itself(done: Done, tmp_path: Path, call: Call) -> None:
    folder = tmp_path / "out"
    assert call("export", "tiny", folder, "--format", "onnx", "--history", done.history)[0] == 0
    assert Package.open(folder).labels == ("bad", "good")
    assert call("predict", folder, "good", "--history", tmp_path / "none.sqlite")[0] == 0


def test_an_exported_folder_can_be_a_teacher_again(done: Done, tmp_path: Path, call: Call) -> None:
    call("export", "tiny", tmp_path / "out", "--format", "folder", "--history", done.history)
    assert inspect_folder(tmp_path / "out").labels == ("bad", "good")


def test_export_writes_a_report_into_an_empty_folder(
    done: Done, tmp_path: Path, call: Call
) -> None:
    status, out, _ = call(
        "export", "tiny", tmp_path, "--format", "report", "--history", done.history
    )
    assert (status, "report.html" in out) == (0, True)
    assert "<svg" in (tmp_path / "report.html").read_text("utf-8")


def test_export_never_writes_into_a_folder_in_use(done: Done, tmp_path: Path, call: Call) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for form in commands.FORMATS:
        words = refused(
            call, "export", "tiny", tmp_path, "--format", form, "--history", done.history
        )
        assert "not empty" in words
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


# --- the command line itself ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rnu"], 'did you mean "run"'), (["run"], "SPEC.json"), ([], "COMMAND"),
        (["runs", "--jsn"], "--jsn"), (["run", "/no/such.json"], "/no/such.json"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_refused_in_one_sentence(
    arguments: list[str], words: str, call: Call
) -> None:
    assert words in refused(call, *arguments)


def test_every_command_has_help_with_an_example(call: Call) -> None:
    for name in commands.COMMANDS:
        status, out, _ = call(name, "--help")
        assert (status, f"Example: thimble {name}" in out) == (0, True)
        assert "--history" in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], False), (["--history", "x", "--theme", "dark"], False), (["runs"], True),
        (["rnu"], True), (["--version"], True), (["--help"], True),
    ],
)  # fmt: skip
def test_the_window_opens_unless_a_command_is_named(arguments: list[str], expected: bool) -> None:
    assert commands.is_command(arguments) is expected


def test_thimble_hands_commands_over(capsys: pytest.CaptureFixture[str]) -> None:
    from app.__main__ import main

    assert main(["methods"]) == 0
    assert "Patient KD" in capsys.readouterr().out


def test_an_unforeseen_error_is_one_sentence_and_a_log(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("THIMBLE_HISTORY", str(tmp_path / "history.sqlite"))
    monkeypatch.setattr("engine.cli.browse.known_methods", lambda: 1 / 0)
    status, out, err = call("methods")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "ZeroDivisionError" in (tmp_path / "thimble.log").read_text()


def test_a_reader_that_leaves_ends_the_command_quietly() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        command = subprocess.run(
            [sys.executable, "-m", "engine", "methods", "--json"], cwd=ROOT, stdout=closed,
            stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert (command.returncode, command.stderr) == (commands.PIPE_CLOSED, "")


def test_the_command_line_loads_no_torch(done: Done) -> None:
    history = ["--history", str(done.history)]
    calls = [
        ["methods", "--json"], ["show", "tiny", *history], ["compare", "tiny", *history],
        ["predict", "tiny", "good", *history], ["evaluate", "tiny", str(done.file), *history],
        ["doctor", *history],
    ]  # fmt: skip
    code = (
        "import json, sys; from engine import commands; import engine.cli.train\n"
        "for call in json.loads(sys.argv[1]): commands.main(call)\n"
        "print(sorted({'torch', 'transformers', 'PySide6'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, json.dumps(calls)]
    found = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=90
    )
    assert found.stdout.splitlines()[-1] == "[]"


# --- doctor ---------------------------------------------------------------------------------------


def test_doctor_says_what_is_wrong_with_a_history(tmp_path: Path, call: Call) -> None:
    (tmp_path / "h.sqlite").write_text("no database")
    status, out, _ = call("doctor", "--history", tmp_path / "h.sqlite", "--json")
    found = json.loads(out)
    (history,) = [one for one in found["findings"] if one["name"] == "History"]
    assert (status, found["ok"], history["ok"]) == (1, False, False)


def test_doctor_checks_integrity_and_names_interrupted_runs(done: Done) -> None:
    with History.open(done.history) as history:
        run = history.add_run(make_spec(history.run("tiny").spec), status="interrupted")
        found = {one.name: one for one in doctor._history(done.history)}
        history.trash(run)
        history.purge(run)
    assert (found["History integrity"].value, found["History"].ok) == ("ok", True)
    assert run in found["Interrupted runs"].value


def test_doctor_misses_assets_and_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.paths.assets", lambda: tmp_path)
    monkeypatch.setattr("engine.cli.doctor.bundled_sets", lambda: ())
    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "no-such-package"))
    assert [one.ok for one in doctor._assets()] == [False, False]
    assert [one.ok for one in doctor._installation()] == [True, True, True, False]
