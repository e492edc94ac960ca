"""One run as a self-contained HTML page: what it came to, its curves, layers, settings and versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

import engine
from engine import events, wording
from engine.compare import compare
from engine.errors import BadInput
from engine.history import History
from engine.method import FAMILIES, find_method
from engine.plain import moment
from engine.records import RunRecord, real
from engine.remarks import footnote
from engine.report_style import style
from engine.schema import Setting, settings_of
from engine.sentence import sentence
from engine.svg import COLOURS, Curve, Span, curves, escape, spans
from engine.training import training_settings

LEVELS = {"validation/teacher": "Teacher", "validation/majority": "Always the most frequent class"}
FIRST = ("Validation, %", "Loss", "Removed, %")  # the charts that say most
SHARES = ("validation/accuracy", "validation/agreement", "sparsity", "sparsity/target", *LEVELS)


def write_report(run: RunRecord, history: History) -> str:
    """The page as text; it needs no other file and reaches for none."""
    sections = [
        _head(run), _accuracy(run), _figures(run), _curves(run, history), _layer_curves(run, history),
        _layers(run), _notes(run, history), _settings(run), _versions(run),
    ]  # fmt: skip
    body = "\n".join(section for section in sections if section)
    # The policy forbids every request, should anything ever slip through the escaping.
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(run.name)}</title>\n<style>\n{style()}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _head(run: RunRecord) -> str:
    try:
        method = find_method(run.method)
        title, about = method.title, f"{FAMILIES[method.family][0]}. {method.paper}."
    except BadInput:  # made by another version of Thimble
        title, about = run.method, ""
    facts = [
        run.id,
        run.status,
        f"seed {run.seed}",
        moment(run.started),
        wording.elapsed(_seconds(run)),
    ]
    known = " · ".join(one for one in facts if one and one != wording.UNKNOWN)
    note = f"<p>{escape(run.note)}</p>" if run.note else ""
    return (
        f'<header>\n<p class="over">{escape(title)}</p>\n<h1>{escape(run.name)}</h1>\n'
        f'<p class="lead">{escape(sentence(run))}</p>\n'
        f'<p class="small">{escape(known)}</p>\n<p class="small">{escape(about)}</p>\n{note}</header>'
    )


def _seconds(run: RunRecord) -> float | None:
    return run.ended - run.started if run.started and run.ended else None


def _section(title: str, body: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>" if body else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[Any]], figures: bool = True) -> str:
    """A table; with `figures` every column but the first is set to the right."""
    kind = ' class="figures"' if figures else ""
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    lines = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table{kind}>\n<thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


# What it came to ----------------------------------------------------------------------------


def _accuracy(run: RunRecord) -> str:
    """Accuracy against the teacher's, with the ranges and the majority class."""
    rows = compare([run]).rows
    found = [
        Span(row.name, row.accuracy, row.low, row.high, _family(row.family))
        for row in rows
        if row.accuracy is not None and row.low is not None and row.high is not None
    ]
    if not found:
        return ""
    guess = run.result.get("majority")
    share = real(guess.get("accuracy")) if isinstance(guess, dict) else None
    level = ("guess", float(share)) if share is not None else None
    said = [
        f"{one.name} {wording.percent(one.value)} ({wording.span(one.low, one.high)})"
        for one in found
    ]
    if isinstance(guess, dict) and share is not None:
        said.append(f'dashed: always "{guess.get("label", "")}" {wording.percent(share)}')
    chart = spans("Accuracy with 95 % range", found, level)
    caption = f'<p class="small">{escape("; ".join(said))}. {escape(footnote(rows))}</p>'
    return _section("Accuracy", f"{chart}\n{caption}")


def _family(name: str) -> str:
    return name if name in FAMILIES or name == "teacher" else "reference"


def _figures(run: RunRecord) -> str:
    """Student and teacher side by side."""
    if not run.result:
        return ""
    blocks = [run.result, *([run.teacher] if run.teacher else [])]
    kinds: list[tuple[str, str, Callable[[Any], str]]] = [
        ("Accuracy", "accuracy", wording.percent), ("Macro F1", "macro_f1", wording.percent),
        ("Same answer as teacher", "agreement", wording.percent), ("Size", "bytes", wording.size),
        ("Size by bits", "bytes_nominal", wording.size),
        ("Parameters", "parameters", wording.parameters),
        ("Parameters that are not zero", "nonzero_parameters", wording.parameters),
        ("Multiplications per sentence", "macs", wording.count),
        ("Latency, median", "latency_ms.median", wording.latency),
        ("Latency, 95 of 100 below", "latency_ms.p95", wording.latency),
        ("Removed", "sparsity", lambda value: wording.percent(value, 0)),
        ("Bits per number", "mean_bits", _figure),
    ]  # fmt: skip
    rows = [(name, *(show(_number(one, key)) for one in blocks)) for name, key, show in kinds]
    return _section("Figures", _table(("", "Student", "Teacher")[: len(blocks) + 1], rows))


def _number(block: dict[str, Any], key: str) -> Any:
    """A finite number from a stored block, which is not trusted; "a.b" looks inside a."""
    first, _, inner = key.partition(".")
    value = block.get(first)
    if inner:
        value = value.get(inner) if isinstance(value, dict) else None
    return real(value)


def _figure(value: float | None) -> str:
    return wording.UNKNOWN if value is None else f"{value:.3g}"


# How it went --------------------------------------------------------------------------------


def _curves(run: RunRecord, history: History) -> str:
    """One chart per kind of metric."""
    names = history.metric_names(run.id)
    levels = [(text, _last(history, run, name)) for name, text in LEVELS.items() if name in names]
    groups: dict[str, list[str]] = {}
    for name in names:
        if name not in LEVELS and not name.startswith("machine/"):
            groups.setdefault(_group(name), []).append(name)
    charts = []
    for title in sorted(
        groups, key=lambda one: (FIRST.index(one) if one in FIRST else len(FIRST), one)
    ):
        members = groups[title]
        lines = [_curve(history, run, name) for name in members]
        known = [(text, value) for text, value in levels if value is not None]
        charts.append(_chart(title, lines, known if title == "Validation, %" else []))
    return _section("Curves", "\n".join(chart for chart in charts if chart))


def _group(name: str) -> str:
    if name in ("validation/accuracy", "validation/agreement"):
        return "Validation, %"
    if name.startswith("sparsity"):
        return "Removed, %"
    return "Loss" if name.startswith("loss") else events.label(name)


def _curve(history: History, run: RunRecord, name: str) -> Curve:
    steps, values = history.series(run.id, name)
    return Curve(events.label(name), steps, values * 100 if name in SHARES else values)


def _last(history: History, run: RunRecord, name: str) -> float | None:
    values = history.series(run.id, name)[1]
    known = values[np.isfinite(values)]
    return 100 * float(known[-1]) if len(known) else None


def _chart(title: str, lines: Sequence[Curve], levels: Sequence[tuple[str, float]] = ()) -> str:
    """A chart of the lines that have points, with their names and last values below."""
    lines = [line for line in lines if len(line.steps) > 1 and np.isfinite(line.values).any()]
    if not lines:
        return ""
    key = [_key(f"s{i % COLOURS}", one.name, _end(one.values)) for i, one in enumerate(lines)]
    key += [_key("dashed", text, value) for text, value in levels]
    return (
        f"<figure>\n<figcaption>{escape(title)}</figcaption>\n{curves(title, lines, levels)}\n"
        f'<p class="small key">{" ".join(key)}</p>\n</figure>'
    )


def _end(values: np.ndarray) -> float:
    return float(values[np.isfinite(values)][-1])


def _key(colour: str, name: str, value: float) -> str:
    return f'<span><i class="{colour}"></i>{escape(name)} {value:.3g}</span>'


def _layer_curves(run: RunRecord, history: History) -> str:
    """What the run said of each layer over time."""
    charts = []
    for table in history.layer_tables(run.id):
        points = history.layer_table(run.id, table)
        layers = list(dict.fromkeys(layer for _, row in points for layer in row))
        steps = np.array([step for step, _ in points], np.int64)
        lines = [
            Curve(layer, steps, np.array([row.get(layer) for _, row in points], np.float64))
            for layer in layers
        ]
        charts.append(_chart(f"{table.replace('_', ' ').capitalize()} per layer", lines))
    return _section("Layers over time", "\n".join(chart for chart in charts if chart))


def _layers(run: RunRecord) -> str:
    """What is in the file, layer by layer; columns without any figure are left out."""
    rows = [one for one in run.layers if isinstance(one, dict)]
    columns: list[tuple[str, str, Callable[[Any], str]]] = [
        ("Parameters", "parameters", wording.count), ("Not zero", "nonzero", wording.count),
        ("Removed", "sparsity", lambda value: wording.percent(value, 0)), ("Bits", "bits", _figure),
        ("Rank", "rank", _figure),
    ]  # fmt: skip
    columns = [one for one in columns if any(_number(row, one[1]) is not None for row in rows)]
    if not columns:
        return ""
    cells = [
        (row.get("name", ""), *(show(_number(row, key)) for _, key, show in columns))
        for row in rows
    ]
    return _section("Layers", _table(("Layer", *(head for head, _, _ in columns)), cells))


def _notes(run: RunRecord, history: History) -> str:
    found = [
        f'<li class="{level}">{escape(text)}</li>' for _, level, text in _leveled(history, run)
    ]
    return _section("Notes", f"<ul>\n{chr(10).join(found)}\n</ul>" if found else "")


def _leveled(history: History, run: RunRecord) -> list[tuple[float, str, str]]:
    """The notes, with no other level than the two known ones."""
    notes = history.notes(run.id)
    return [(when, level if level == "warning" else "info", text) for when, level, text in notes]


# How to repeat it ---------------------------------------------------------------------------


def _settings(run: RunRecord) -> str:
    """Everything in the run file, with plain names where the settings have one."""
    named = _named(run)
    rows = []
    for key, value in _flat(run.spec):
        setting = named.get(key)
        rows.append(
            (key, setting.label if setting else "", _shown(value), setting.unit if setting else "")
        )
    return (
        _section("Settings", _table(("Setting", "", "Value", "Unit"), rows, figures=False))
        if rows
        else ""
    )


def _named(run: RunRecord) -> dict[str, Setting]:
    found = {f"training.{one.key}": one for one in training_settings()}
    try:
        params = find_method(run.method).Params
    except BadInput:
        return found
    return found | {f"method.{one.key}": one for one in settings_of(params)}


def _flat(block: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in block.items():
        place = f"{before}{key}"
        rows += _flat(value, f"{place}.") if isinstance(value, dict) else [(place, value)]
    return rows


def _shown(value: Any) -> str:
    if value is None:
        return "automatic"
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _versions(run: RunRecord) -> str:
    machine = run.result.get("machine")
    facts = {**run.versions, **(machine if isinstance(machine, dict) else {})}
    rows = [(name.replace("_", " "), _shown(value)) for name, value in facts.items()]
    written = f'<p class="small">Written by Thimble {escape(engine.__version__)}.</p>'
    return _section(
        "Versions and machine", (_table(("", ""), rows, figures=False) if rows else "") + written
    )
