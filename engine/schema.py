"""Hyper-parameters declared once: type, default, range, unit, help and source of every setting."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticUndefined

from engine.errors import BadInput, nearest

Kind = Literal["whole", "number", "choice", "switch", "file"]
_OURS = "setting"
LONGEST_PLACE = 80


class Params(BaseModel):
    """A frozen set of settings; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, strict=False)


@dataclass(frozen=True)
class Setting:
    """All that a form, a command line or a help page needs to know about one setting."""

    key: str
    kind: Kind
    label: str
    term: str
    help: str
    source: str
    unit: str
    default: Any
    paper: Any
    low: float | None
    high: float | None
    step: float | None
    options: tuple[str, ...]
    basic: bool
    scientific: bool
    optional: bool
    endings: tuple[str, ...]


def whole(
    default: int | None,
    low: int,
    high: int,
    help: str,
    *,
    label: str,
    source: str,
    unit: str = "",
    term: str = "",
    step: int = 1,
    paper: int | None = None,
    basic: bool = False,
) -> Any:
    """Declare a whole number; `default=None` (with an `int | None` annotation) means "automatic"."""
    return _field(
        default, help, low, high, kind="whole", label=label, source=source, unit=unit, term=term,
        step=step, paper=paper, basic=basic,
    )  # fmt: skip


def number(
    default: float | None,
    low: float,
    high: float,
    help: str,
    *,
    label: str,
    source: str,
    unit: str = "",
    term: str = "",
    step: float | None = None,
    paper: float | None = None,
    basic: bool = False,
    scientific: bool = False,
) -> Any:
    """Declare a real number; `scientific` shows it as 5e-5."""
    return _field(
        default, help, low, high, kind="number", label=label, source=source, unit=unit, term=term,
        step=step, paper=paper, basic=basic, scientific=scientific,
    )  # fmt: skip


def choice(
    default: str,
    help: str,
    *,
    label: str,
    source: str,
    term: str = "",
    paper: str | None = None,
    basic: bool = False,
) -> Any:
    """Declare one of several named options; the options are the `Literal` annotation."""
    return _field(
        default,
        help,
        kind="choice",
        label=label,
        source=source,
        term=term,
        paper=paper,
        basic=basic,
    )


def switch(
    default: bool,
    help: str,
    *,
    label: str,
    source: str,
    term: str = "",
    paper: bool | None = None,
    basic: bool = False,
) -> Any:
    """Declare an on/off setting."""
    return _field(
        default,
        help,
        kind="switch",
        label=label,
        source=source,
        term=term,
        paper=paper,
        basic=basic,
    )


def file(help: str, *, label: str, source: str, endings: tuple[str, ...], term: str = "") -> Any:
    """Declare a local file (annotation `str | None`), none by default; `endings` are ".txt", ".vec"."""
    return _field(None, help, kind="file", label=label, source=source, term=term, endings=endings)


def _field(
    default: Any, help: str, low: float | None = None, high: float | None = None, **ours: Any
) -> Any:
    """One pydantic field that carries our own description beside its limits."""
    return Field(
        default, ge=low, le=high, description=help, json_schema_extra={_OURS: {**ours, "low": low, "high": high}}
    )  # fmt: skip


def settings_of(model: type[Params]) -> tuple[Setting, ...]:
    """Describe every setting of `model`, in the order written.

    `paper` is the value the source states; it is the default when no other is given and the
    source is a paper, and None when the value is our own choice (source "Our default").
    """
    found = []
    hints = typing.get_type_hints(model)
    for key, info in model.model_fields.items():
        extra: Any = info.json_schema_extra
        ours = dict(extra[_OURS]) if isinstance(extra, dict) and _OURS in extra else {}
        hint, optional = _unwrap(hints[key])
        default = None if info.default is PydanticUndefined else info.default
        paper = ours.get("paper")
        if paper is None and not str(ours["source"]).startswith("Our"):
            paper = default
        found.append(
            Setting(
                key=key, kind=ours["kind"], label=ours["label"], term=ours.get("term", ""),
                help=info.description or "", source=ours["source"], unit=ours.get("unit", ""),
                default=default, paper=paper, low=ours.get("low"), high=ours.get("high"),
                step=ours.get("step"), options=_options(hint), basic=ours.get("basic", False),
                scientific=ours.get("scientific", False), optional=optional,
                endings=ours.get("endings", ()),
            )
        )  # fmt: skip
    return tuple(found)


def _unwrap(hint: Any) -> tuple[Any, bool]:
    """Split `X | None` into X and True."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        rest = [part for part in typing.get_args(hint) if part is not type(None)]
        return rest[0], len(rest) < len(typing.get_args(hint))
    return hint, False


def _options(hint: Any) -> tuple[str, ...]:
    return tuple(typing.get_args(hint)) if typing.get_origin(hint) is Literal else ()


Model = TypeVar("Model", bound=BaseModel)


def make(model: type[Model], values: Any, where: str = "") -> Model:
    """Build `model` from plain values, or raise BadInput naming the first wrong one."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        every = error.errors(include_url=False)
        first = min(every, key=lambda one: one["type"] != "extra_forbidden")  # a slip explains more
        names, known = _follow(model, first["loc"])
        if first["type"].startswith("union_tag"):
            names.append("source")
        place = ".".join([where, *names]).strip(".")[:LONGEST_PLACE]
        raise BadInput(_sentence(first, place, names, known), place) from None


def _follow(model: type[BaseModel], loc: tuple[Any, ...]) -> tuple[list[str], list[str]]:
    """The names on the way to an error, and the names or tags that are right at its end.

    pydantic names the chosen member of a union on the way; a person never wrote that.
    """
    names: list[str] = []
    blocks, known = [model], list(model.model_fields)
    for part in loc:
        chosen = [block for block in blocks if part in _tags(block)]
        if len(blocks) > 1 and chosen:
            blocks, known = chosen, list(chosen[0].model_fields)
        elif part != "str" and not str(part).startswith("list["):
            names.append(str(part))
            known = [name for block in blocks for name in block.model_fields]
            info = next((b.model_fields[part] for b in blocks if part in b.model_fields), None)
            blocks = _blocks(info.annotation) if info else []
    if len(blocks) > 1:
        known = [tag for block in blocks for tag in _tags(block)]
    return names, known


def _blocks(hint: Any) -> list[type[BaseModel]]:
    """The models that an annotation allows."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return [hint]
    return [block for part in typing.get_args(hint) for block in _blocks(part)]


def _tags(block: type[BaseModel]) -> tuple[str, ...]:
    """What "source" may say in a block that is one of several kinds."""
    info = block.model_fields.get("source")
    return _options(info.annotation) if info else ()


def _sentence(first: Any, place: str, names: list[str], known: list[str]) -> str:
    """Turn one pydantic error into a sentence that names the input and the way out."""
    kind, context = first["type"], first.get("ctx", {})
    given = repr(first.get("input"))[:60]
    if kind == "extra_forbidden":
        return f'There is no setting "{place}"{nearest(names[-1], known) or "."}'
    if kind == "union_tag_invalid":
        return f'"{place}" is {context["tag"][:60]!r}; use one of {", ".join(known)}.'
    if kind in ("missing", "union_tag_not_found"):
        return f'"{place}" is missing; add it.'
    if kind == "greater_than_equal":
        return f'"{place}" is {given}; it must be at least {context["ge"]:g}.'
    if kind == "less_than_equal":
        return f'"{place}" is {given}; it must be at most {context["le"]:g}.'
    if kind == "literal_error":
        return f'"{place}" is {given}; use one of {context["expected"]}.'
    if kind == "value_error":
        return f"{context['error']}"
    return f'"{place}" is {given}; {first["msg"][:1].lower()}{first["msg"][1:]}.'
