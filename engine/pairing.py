"""A run and its baseline: the same student, trained the same way, but without the teacher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import BadInput
from engine.spec import LONGEST_NAME, RunSpec, make_spec

SUFFIX = " (no teacher)"

Spec = RunSpec | Mapping[str, Any]


def without_teacher(spec: RunSpec) -> RunSpec:
    """The baseline's spec: the method's own changes, the same data, training and seed.

    Raises BadInput when the method has no teacher to leave out, or these settings leave it out.
    """
    alone = spec.descriptor.alone
    if alone is None:
        raise BadInput(
            f"{spec.descriptor.title} has no teacher to leave out; run it without the baseline.",
            "method.key",
        )
    values = spec.model_dump(mode="json")
    name = spec.name[: LONGEST_NAME - len(SUFFIX)] + SUFFIX
    changed = values | {"name": name, "method": values["method"] | dict(alone(spec.params))}
    found = make_spec(changed)
    if found.method == spec.method:
        raise BadInput(
            "These settings already train the student without its teacher; "
            "run them without the baseline.",
            "method",
        )
    return found


def is_baseline(alone: Spec, taught: Spec) -> bool:
    """Whether the first run is the second one without its teacher; names do not matter.

    A spec may be as a history holds it; one that can no longer be read has no partner.
    """
    try:
        wanted = without_teacher(_read(taught))
        return _read(alone).model_copy(update={"name": wanted.name}) == wanted
    except BadInput:
        return False


def _read(spec: Spec) -> RunSpec:
    return spec if isinstance(spec, RunSpec) else make_spec(dict(spec))
