"""A compression method: a frozen descriptor found by its file's place, and one `run` function."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from engine.errors import BadInput, nearest
from engine.schema import Params
from engine.shape import Forecast, Shape

if TYPE_CHECKING:
    from torch import nn

    from engine.job import Job
    from engine.models import Loaded

Family = Literal["distil", "share", "quantise", "prune", "reference"]
FAMILIES: dict[str, tuple[str, str]] = {
    "distil": ("Distil", "a small model learns from the large one"),
    "reference": ("Reference", "no compression"),
    "share": ("Share", "store once, reuse"),
    "quantise": ("Quantise", "use fewer bits"),
    "prune": ("Prune", "remove what matters least"),
}


def _never(params: Any) -> bool:
    return False


def _no_check(params: Any, teacher: Shape) -> None:
    """Every teacher will do."""


@dataclass(frozen=True)
class Chart:
    """A chart of the live page beside the losses: plain names of plotted values, by their metric.

    A value that is a `share` lies in 0..1 and is shown in percent.
    """

    title: str
    lines: Mapping[str, str]
    share: bool = False


@dataclass(frozen=True)
class Method:
    """All that the window, the command line and the history know of a method.

    `training` holds the paper's values for the shared training settings, `terms` the plain
    name of each loss term, `order` the place in the gallery within the family. `quick` holds
    settings ("method" and "training") that finish in minutes on the bundled data. `alone` gives
    the changes with which the same student is trained without its teacher, and is None where
    there is no teacher to leave out. `reads_text` says whether a run with these settings reads
    the run's plain text.
    """

    key: str
    title: str
    subtitle: str
    family: Family
    paper: str
    summary: str
    glyph: str
    smaller: bool
    faster: bool
    retrains: bool
    needs_teacher_answers: bool
    Params: type[Params]
    forecast: Callable[[Any, Shape], Forecast]
    check: Callable[[Any, Shape], None]
    run: Callable[[Job, Any], nn.Module | Loaded]
    stages: Callable[[Any], tuple[str, ...]]
    order: int = 0
    training: dict[str, Any] = field(default_factory=dict)
    terms: dict[str, str] = field(default_factory=dict)
    quick: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    alone: Callable[[Any], Mapping[str, Any]] | None = None
    reads_text: Callable[[Any], bool] = _never
    charts: tuple[Chart, ...] = ()


def method(
    *,
    title: str,
    subtitle: str,
    family: Family,
    paper: str,
    summary: str,
    glyph: str,
    params: type[Params],
    forecast: Callable[[Any, Shape], Forecast],
    stages: tuple[str, ...] | Callable[[Any], tuple[str, ...]],
    check: Callable[[Any, Shape], None] = _no_check,
    smaller: bool = True,
    faster: bool = True,
    retrains: bool = True,
    needs_teacher_answers: bool = True,
    order: int = 0,
    training: dict[str, Any] | None = None,
    terms: dict[str, str] | None = None,
    quick: Mapping[str, Mapping[str, Any]] | None = None,
    alone: Callable[[Any], Mapping[str, Any]] | None = None,
    reads_text: Callable[[Any], bool] = _never,
    charts: tuple[Chart, ...] = (),
) -> Callable[[Callable[[Job, Any], nn.Module | Loaded]], Method]:
    """Describe the decorated `run(job, params)`; the key is the name of its file.

    `stages` begins with "Prepare" and ends with "Measure", for all settings or by settings.
    """

    def describe(run: Callable[[Job, Any], nn.Module | Loaded]) -> Method:
        return Method(
            key=run.__module__.rpartition(".")[2], title=title, subtitle=subtitle, family=family,
            paper=paper, summary=summary, glyph=glyph, smaller=smaller, faster=faster,
            retrains=retrains, needs_teacher_answers=needs_teacher_answers, Params=params,
            forecast=forecast, check=check, run=run, order=order,
            stages=stages if callable(stages) else lambda params: stages,
            training=training or {}, terms=terms or {}, quick=quick or {}, alone=alone,
            reads_text=reads_text, charts=charts,
        )  # fmt: skip

    return describe


@cache
def methods() -> dict[str, Method]:
    """Every method under `engine/methods`, by key, in gallery order."""
    import engine.methods as folder

    found = []
    for info in pkgutil.iter_modules(folder.__path__):
        module = importlib.import_module(f"engine.methods.{info.name}")
        found.append(next(value for value in vars(module).values() if isinstance(value, Method)))
    families = list(FAMILIES)
    found.sort(key=lambda one: (families.index(one.family), one.order, one.title))
    return {one.key: one for one in found}


def find_method(key: str) -> Method:
    """Return the method called `key`, or refuse it with the nearest right name."""
    known = methods()
    if key not in known:
        raise BadInput(
            f'There is no method "{key[:60]}"{nearest(key, known) or "."} Known: {", ".join(known)}.',
            "method.key",
        )
    return known[key]
