"""Plain names of plotted values, as the method that plots them says them."""

from __future__ import annotations

from collections.abc import Iterable

from engine import events
from engine.errors import BadInput
from engine.method import Chart, Method, find_method


def known_methods(keys: Iterable[str]) -> list[Method]:
    """The methods with these keys that this version of Thimble has, each once."""
    found = []
    for key in dict.fromkeys(keys):
        try:
            found.append(find_method(key))
        except BadInput:  # made by another version of Thimble
            continue
    return found


def chart_of(name: str, methods: Iterable[Method]) -> Chart | None:
    """The chart that a method declares for a metric."""
    charts = (chart for method in methods for chart in method.charts)
    return next((chart for chart in charts if name in chart.lines), None)


def metric_name(name: str, methods: Iterable[Method]) -> str:
    """A metric by itself: "Validation accuracy", "Loss: Labels", "Cut as the teacher: Words"."""
    methods = list(methods)
    if name in events.METRICS:
        return events.label(name)
    if name.startswith("loss/"):
        return f"Loss: {term_name(name, methods)}"
    chart = chart_of(name, methods)
    if chart is None:
        return events.label(name)
    return f"{chart.title}: {chart.lines[name]}" if len(chart.lines) > 1 else chart.title


def term_name(name: str, methods: Iterable[Method]) -> str:
    """A loss term as its method calls it."""
    key = name.removeprefix("loss/")
    return next((one.terms[key] for one in methods if key in one.terms), events.label(name))


def is_share(name: str, methods: Iterable[Method]) -> bool:
    """Whether a metric lies in 0..1 and is written in percent."""
    if events.METRICS.get(name, ("", ""))[1] == "%":
        return True
    chart = chart_of(name, methods)
    return chart is not None and chart.share
