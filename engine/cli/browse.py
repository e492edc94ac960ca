"""`methods`, `runs`, `show` and `compare`: what Thimble can do, and what it has done."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from engine import wording
from engine.cli.opening import open_history
from engine.cli.output import blank, facts, say, table, write_json
from engine.compare import Comparison, seed_groups
from engine.compare import compare as compare_runs
from engine.errors import BadInput
from engine.history import History
from engine.method import FAMILIES, Method
from engine.method import methods as known_methods
from engine.plain import moment
from engine.records import DETAILS, RunRecord
from engine.remarks import Row
from engine.sentence import sentence

MEASURED = (
    "split", "examples", "accuracy", "accuracy_low", "accuracy_high", "macro_f1", "agreement",
    "bytes", "bytes_nominal", "parameters", "nonzero_parameters", "macs", "latency_ms",
    "compression", "speedup", "sparsity", "mean_bits",
)  # fmt: skip
TEACHER = ("accuracy", "bytes", "parameters", "latency_ms")


def methods(given: argparse.Namespace) -> int:
    """List the methods; as JSON with the schema of their settings."""
    found = known_methods().values()
    if given.json:
        write_json([_method(one) for one in found])
        return 0
    table(
        ("Key", "Method", "Family", "What it does"),
        [(one.key, one.title, FAMILIES[one.family][0], one.summary) for one in found],
    )
    return 0


def _method(one: Method) -> dict[str, Any]:
    names = (
        "key", "title", "subtitle", "family", "paper", "summary", "smaller", "faster", "retrains",
        "needs_teacher_answers", "training", "terms", "quick",
    )  # fmt: skip
    params = one.Params()
    told = {"stages": one.stages(params), "baseline": one.alone is not None}
    schema = {"schema": one.Params.model_json_schema()}
    return {name: getattr(one, name) for name in names} | told | schema


def runs(given: argparse.Namespace) -> int:
    """List the history, newest first."""
    with open_history(given) as history:
        found = history.runs()
    if given.json:
        write_json([_summary(one) for one in found])
        return 0
    if not found:
        say("There are no runs yet; thimble run SPEC.json makes one.")
        return 0
    table(
        ("Run", "Name", "Method", "Status", "Accuracy", "Size", "Latency", "Begun"),
        [
            (
                one.id, one.name, one.method, _status(one), wording.percent(one.accuracy),
                wording.size(one.bytes), wording.latency(one.latency),
                moment(one.started or one.created),
            )
            for one in found
        ],
        right=("Accuracy", "Size", "Latency"),
    )  # fmt: skip
    return 0


def _summary(run: RunRecord) -> dict[str, Any]:
    """A run as JSON without its details."""
    return {name: value for name, value in vars(run).items() if name not in DETAILS}


def _status(run: RunRecord) -> str:
    unfinished = run.status in ("running", "paused", "interrupted", "stopped") and run.fraction
    return f"{run.status} {wording.percent(run.fraction, 0)}" if unfinished else run.status


def show(given: argparse.Namespace) -> int:
    """Show one run with its spec, results and package."""
    with open_history(given) as history:
        found = history.run(given.run)
        notes = history.notes(found.id)
    if given.json:
        filled = {
            "teacher": dict.fromkeys(TEACHER) | found.teacher,
            "result": dict.fromkeys(MEASURED) | found.result,
            "notes": [{"time": when, "level": level, "text": text} for when, level, text in notes],
        }
        write_json(vars(found) | filled)
        return 0
    say(sentence(found))
    blank()
    facts(_about(found))
    if found.result:
        blank()
        _print_measured(found)
    if found.layers:
        blank()
        _print_layers(found)
    blank()
    for _, level, text in notes:
        say(f"{level.capitalize()}: {text}")
    return 0


def _about(run: RunRecord) -> list[tuple[str, Any]]:
    rows = [
        ("Run", run.id), ("Name", run.name), ("Method", run.method), ("Status", _status(run)),
        ("Seed", run.seed), ("Begun", moment(run.started)), ("Ended", moment(run.ended)),
        ("Error", run.error), ("Tags", ", ".join(run.tags)), ("Note", run.note),
        ("Package", run.package or ""), ("Folder", run.folder),
    ]  # fmt: skip
    return [(name, value) for name, value in rows if value not in ("", None)]


def _print_measured(run: RunRecord) -> None:
    """Student and teacher side by side."""
    blocks = [run.result, *([run.teacher] if run.teacher else [])]
    rows = [
        ("Accuracy", lambda one: wording.percent(one.get("accuracy"))),
        ("95 % range", lambda one: wording.span(one.get("accuracy_low"), one.get("accuracy_high"))),
        ("Macro F1", lambda one: wording.percent(one.get("macro_f1"))),
        ("Size", lambda one: wording.size(one.get("bytes"))),
        ("Size by bits", lambda one: wording.size(one.get("bytes_nominal"))),
        ("Parameters", lambda one: wording.parameters(one.get("parameters"))),
        ("Latency", lambda one: wording.latency(_median(one))),
        ("Removed", lambda one: wording.percent(one.get("sparsity"), 0)),
        ("Bits per number", lambda one: _figure(one.get("mean_bits"))),
    ]
    heads = ("", "Student", "Teacher")[: len(blocks) + 1]
    table(heads, [(name, *(read(one) for one in blocks)) for name, read in rows], right=heads[1:])


def _median(block: dict[str, Any]) -> float | None:
    found = block.get("latency_ms")
    value = found.get("median") if isinstance(found, dict) else None
    return float(value) if isinstance(value, int | float) else None


def _figure(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, int | float) else wording.UNKNOWN


def _print_layers(run: RunRecord) -> None:
    rows = [one for one in run.layers if isinstance(one, dict)]
    columns = [
        ("Layer", lambda one: one.get("name", "")),
        ("Parameters", lambda one: wording.parameters(one.get("parameters"))),
        ("Removed", lambda one: wording.percent(one.get("sparsity"), 0)),
        ("Bits", lambda one: _figure(one.get("bits"))),
        ("Rank", lambda one: _figure(one.get("rank"))),
    ]
    heads = tuple(head for head, _ in columns)
    table(heads, [[read(one) for _, read in columns] for one in rows], right=heads[1:])


def compare(given: argparse.Namespace) -> int:
    """Compare finished runs with their teacher and with each other."""
    from engine.retiming import time_together

    with open_history(given) as history:
        chosen = [_finished(history, name) for name in given.runs]
        found = list({one.id: one for one in chosen}.values())
        timed = time_together(found, history.path) if given.time else {}
        medians = {row: one.median for row, one in timed.items()}
        comparison = compare_runs(found, history, medians)
    if given.json:
        write_json(_comparison(comparison, found))
        return 0
    table(
        ("Model", "Accuracy", "95 % range", "Points", "p", "Verdict", "Size", "Smaller", "Latency", "Faster"),
        [_row(one) for one in comparison.rows],
        right=("Accuracy", "95 % range", "Points", "Size", "Smaller", "Latency", "Faster"),
    )  # fmt: skip
    blank()
    for remark in comparison.remarks:
        say(f"{remark.heading}: {remark.text}")
    names = {one.id: one.name for one in found}
    for (a, b), p in comparison.pairs.items():
        say(f"{names[a]} and {names[b]}: {wording.p_value(p)}")
    say(comparison.footnote)
    return 0


def _finished(history: History, name: str) -> RunRecord:
    run = history.run(name)
    if not run.result:
        raise BadInput(f'The run "{run.name}" is {run.status} and has no result; finish it first.')
    return run


def _row(row: Row) -> tuple[str, ...]:
    return (
        row.name, wording.percent(row.accuracy), wording.span(row.low, row.high),
        wording.points(row.difference), wording.p_value(row.p), row.verdict,
        wording.size(row.bytes), wording.ratio(row.smaller), wording.latency(row.latency),
        wording.ratio(row.faster),
    )  # fmt: skip


def _comparison(found: Comparison, records: list[RunRecord]) -> dict[str, Any]:
    ids = [one.id for one in records]
    return {
        "rows": [asdict(row) for row in found.rows],
        "pareto": found.pareto(),
        "remarks": [{"heading": one.heading, "text": one.text} for one in found.remarks],
        "footnote": found.footnote,
        "pairs": [{"a": a, "b": b, "p": p} for (a, b), p in found.pairs.items()],
        "settings": [
            {"key": key, "values": dict(zip(ids, values, strict=True))}
            for key, values in found.settings
        ],
        "seeds": [asdict(group) for group in seed_groups(records)],
    }
