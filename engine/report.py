"""One run as a self-contained HTML page: what it came to, its curves, layers, settings and versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import engine
from engine import wording
from engine.compare import compare
from engine.errors import BadInput
from engine.history import History
from engine.method import FAMILIES, find_method
from engine.plain import moment
from engine.records import RunRecord, real
from engine.remarks import footnote
from engine.report_baselines import beside_its_baseline
from engine.report_charts import layer_charts, run_charts, section
from engine.report_style import style
from engine.sentence import sentence
from engine.setting_words import plain_setting, plain_value
from engine.svg import Span, escape, spans


def write_report(run: RunRecord, history: History) -> str:
    """The page as text; it needs no other file and reaches for none."""
    sections = [
        _head(run), _accuracy(run), _figures(run), _taught(run, history), section("Curves", run_charts(run, history)),
        section("Layers over time", layer_charts(run, history)), _layers(run), _notes(run, history), _settings(run), _versions(run),
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
    return section("Accuracy", f"{chart}\n{caption}")


def _taught(run: RunRecord, history: History) -> str:
    """The run beside the same student without a teacher, and beside its other seeds."""
    said = [f"<p>{escape(one)}</p>" for one in beside_its_baseline(run, history)]
    note = '<p class="small">McNemar test on the same sentences; clear is p below 0.05.</p>'
    return section("What the teacher gave", "\n".join([*said, note]) if said else "")


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
    return section("Figures", _table(("", "Student", "Teacher")[: len(blocks) + 1], rows))


def _number(block: dict[str, Any], key: str) -> Any:
    """A finite number from a stored block, which is not trusted; "a.b" looks inside a."""
    first, _, inner = key.partition(".")
    value = block.get(first)
    if inner:
        value = value.get(inner) if isinstance(value, dict) else None
    return real(value)


def _figure(value: float | None) -> str:
    return wording.UNKNOWN if value is None else f"{value:.3g}"


# What is in it ------------------------------------------------------------------------------


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
    return section("Layers", _table(("Layer", *(head for head, _, _ in columns)), cells))


def _notes(run: RunRecord, history: History) -> str:
    found = [
        f'<li class="{level}">{escape(text)}</li>' for _, level, text in _leveled(history, run)
    ]
    return section("Notes", f"<ul>\n{chr(10).join(found)}\n</ul>" if found else "")


def _leveled(history: History, run: RunRecord) -> list[tuple[float, str, str]]:
    """The notes, with no other level than the two known ones."""
    notes = history.notes(run.id)
    return [(when, level if level == "warning" else "info", text) for when, level, text in notes]


# How to repeat it ---------------------------------------------------------------------------


def _settings(run: RunRecord) -> str:
    """Everything in the run file, with plain names."""
    rows = []
    for key, value in _flat(run.spec):
        words, unit = plain_setting(key, (run.method,))
        rows.append((key, words, "automatic" if value is None else plain_value(key, value), unit))
    return (
        section("Settings", _table(("Setting", "", "Value", "Unit"), rows, figures=False))
        if rows
        else ""
    )


def _flat(block: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in block.items():
        place = f"{before}{key}"
        rows += _flat(value, f"{place}.") if isinstance(value, dict) else [(place, value)]
    return rows


def _versions(run: RunRecord) -> str:
    machine = run.result.get("machine")
    facts = {**run.versions, **(machine if isinstance(machine, dict) else {})}
    rows = [(name.replace("_", " "), plain_value(name, value)) for name, value in facts.items()]
    written = f'<p class="small">Written by Thimble {escape(engine.__version__)}.</p>'
    return section(
        "Versions and machine", (_table(("", ""), rows, figures=False) if rows else "") + written
    )
