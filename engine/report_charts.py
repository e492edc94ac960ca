"""The report's charts: what the run plotted, stage by stage, under the method's plain names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine import events
from engine.history import History
from engine.method import Method
from engine.metric_names import chart_of, is_share, known_methods, metric_name, term_name
from engine.records import RunRecord
from engine.stage_changes import METRIC, changes_of, parts_of
from engine.svg import COLOURS, Curve, curves, escape

LEVELS = {"validation/teacher": "Teacher", "validation/majority": "Always the most frequent class"}
FIRST = ("Validation, %", "Loss", "Removed, %")  # the charts that say most
Stages = Sequence[tuple[int, str]]


def section(title: str, body: str) -> str:
    """A section of the page; nothing where it would be empty."""
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>" if body else ""


def run_charts(run: RunRecord, history: History) -> str:
    """One chart per kind of metric."""
    methods, stages = known_methods([run.method]), changes_of(history, run.id)
    names = [one for one in history.metric_names(run.id) if one != METRIC]
    levels = [(text, _last(history, run, name)) for name, text in LEVELS.items() if name in names]
    groups: dict[str, list[str]] = {}
    for name in names:
        if name not in LEVELS and not name.startswith("machine/"):
            groups.setdefault(_group(name, methods), []).append(name)
    charts = []
    for title in sorted(groups, key=lambda one: (_place(one), one)):
        lines = [_curve(history, run, name, methods, stages) for name in groups[title]]
        known = [(text, value) for text, value in levels if value is not None]
        shown = known if title == "Validation, %" else []
        charts.append(_chart(title, lines, shown, stages, logged=title == "Loss"))
    return "\n".join(chart for chart in charts if chart)


def layer_charts(run: RunRecord, history: History) -> str:
    """What the run said of each layer over time."""
    charts, stages = [], changes_of(history, run.id)
    for table in history.layer_tables(run.id):
        points = history.layer_table(run.id, table)
        layers = list(dict.fromkeys(layer for _, row in points for layer in row))
        steps = np.array([step for step, _ in points], np.int64)
        lines = [
            Curve(layer, steps, np.array([row.get(layer) for _, row in points], np.float64))
            for layer in layers
        ]
        title = f"{table.replace('_', ' ').capitalize()} per layer"
        charts.append(_chart(title, [_apart(one, stages) for one in lines], (), stages))
    return "\n".join(chart for chart in charts if chart)


def _place(title: str) -> int:
    return FIRST.index(title) if title in FIRST else len(FIRST)


def _group(name: str, methods: Sequence[Method]) -> str:
    """The title of the chart that a metric belongs in."""
    if (chart := chart_of(name, methods)) is not None:
        return f"{chart.title}, %" if chart.share else chart.title
    if name in ("validation/accuracy", "validation/agreement"):
        return "Validation, %"
    if name.startswith("sparsity"):
        return "Removed, %"
    return "Loss" if name.startswith("loss") else metric_name(name, methods)


def _curve(
    history: History, run: RunRecord, name: str, methods: Sequence[Method], stages: Stages
) -> Curve:
    steps, values = history.series(run.id, name)
    chart = chart_of(name, methods)
    words = chart.lines[name] if chart is not None else events.label(name)
    if name.startswith("loss/"):
        words = term_name(name, methods)
    values = values * 100 if is_share(name, methods) else values
    return _apart(Curve(words, steps, values), stages)


def _apart(line: Curve, stages: Stages) -> Curve:
    """The same line with a gap where a stage gives way to the next."""
    bounds = np.array([step for step, _ in stages], np.int64)
    gaps = np.flatnonzero(np.diff(parts_of(line.steps, bounds))) + 1
    values = np.insert(np.asarray(line.values, np.float64), gaps, np.nan)
    return Curve(line.name, np.insert(line.steps, gaps, line.steps[gaps]), values)


def _last(history: History, run: RunRecord, name: str) -> float | None:
    values = history.series(run.id, name)[1]
    known = values[np.isfinite(values)]
    return 100 * float(known[-1]) if len(known) else None


def _chart(
    title: str, lines: Sequence[Curve], levels: Sequence[tuple[str, float]], stages: Stages,
    logged: bool = False,
) -> str:  # fmt: skip
    """A chart of the lines that have points, with their names and last values below.

    Losses of several stages differ by orders of magnitude, so theirs is a scale of powers of ten.
    """
    lines = [line for line in lines if len(line.steps) > 1 and np.isfinite(line.values).any()]
    if not lines:
        return ""
    logged = logged and bool(stages) and all(np.nanmin(line.values) > 0 for line in lines)
    key = [_key(f"s{i % COLOURS}", one.name, _end(one.values)) for i, one in enumerate(lines)]
    key += [_key("dashed", text, value) for text, value in levels]
    drawn = curves(title, lines, levels, stages=stages, logged=logged)
    said = f'<p class="small">Stages: {escape(_stage_words(stages))}.</p>\n' if stages else ""
    return (
        f"<figure>\n<figcaption>{escape(title)}</figcaption>\n{drawn}\n"
        f'<p class="small key">{" ".join(key)}</p>\n{said}</figure>'
    )


def _stage_words(stages: Stages) -> str:
    """The numbers beside the upright lines, in words."""
    return ", ".join(f"{i} {title} from step {step:,}" for i, (step, title) in enumerate(stages, 1))


def _end(values: np.ndarray) -> float:
    return float(values[np.isfinite(values)][-1])


def _key(colour: str, name: str, value: float) -> str:
    return f'<span><i class="{colour}"></i>{escape(name)} {value:.3g}</span>'
