"""What a package says about itself: the checked manifest, and a card for people."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from engine import wording
from engine.shape import RECURRENT, Shape

LONGEST = 300


class Manifest(BaseModel):
    """What a package says about itself; unknown entries are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    format: Literal[1] = 1
    name: str = Field(max_length=LONGEST)
    labels: tuple[str, ...] = Field(min_length=2, max_length=10_000)
    columns: tuple[str, ...] = Field(("text",), min_length=1, max_length=2)
    max_length: int = Field(ge=2, le=100_000)
    pad_token: int = Field(0, ge=0, le=10_000_000)
    architecture: str = Field(max_length=LONGEST)
    shape: Shape
    parameters: int = Field(0, ge=0)
    method: str = Field("", max_length=LONGEST)
    title: str = Field("", max_length=LONGEST)
    family: str = Field("", max_length=LONGEST)
    versions: dict[str, str] = Field({}, max_length=100)
    fingerprints: dict[str, str] = Field({}, max_length=100)
    dense: dict[str, int] = Field({}, max_length=10_000)
    tolerance: float | None = Field(None, ge=0)
    largest_difference: float | None = Field(None, ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @field_validator("labels", "columns")
    @classmethod
    def _sane(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if any(not name.strip() or len(name) > LONGEST for name in names):
            raise ValueError(f"Names must hold 1 to {LONGEST} characters.")
        if len(set(names)) < len(names):
            raise ValueError("Two labels or columns have the same name.")
        return names


def write_card(manifest: Manifest, size: int, more: str = "") -> str:
    """The package in a page of Markdown; names that come from data are escaped."""
    recurrent = manifest.shape.architecture == RECURRENT  # which keeps no weights for a teacher
    lines = [
        f"# {plain(manifest.name)}",
        "",
        "A text classifier made smaller with Thimble "
        f"({plain(manifest.title or manifest.method)}).",
        "",
        f"- Classes: {', '.join(plain(label) for label in manifest.labels)}",
        f"- Reads: {columns_in_words(tuple(plain(one) for one in manifest.columns))}, cut to "
        f"{manifest.max_length} word pieces",
        f"- Size: {wording.size(size)}, {wording.parameters(manifest.parameters)} parameters",
        f"- Architecture: {plain(manifest.architecture)}, {manifest.shape.layers} "
        f"layer{'' if manifest.shape.layers == 1 else 's'} of width {manifest.shape.hidden}",
        "",
        "`model.onnx` takes `input_ids`, `attention_mask` and `token_type_ids` (int64, batch x "
        "length) and gives `logits`; `tokenizer.json` makes the ids"
        + ("." if recurrent else "; `weights/` can be used as a teacher again."),
    ]
    return "\n".join([*lines, *(["", more] if more else []), ""])


def plain(text: str) -> str:
    """Text from data on one line, with everything Markdown or HTML would act on escaped."""
    line = " ".join(str(text).split())[:LONGEST]
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{one}" if one in r"\`*_{}[]()#+!|~" else one for one in line)


def columns_in_words(names: tuple[str, ...]) -> str:
    """Which columns a model reads."""
    return f'the column "{names[0]}"' if len(names) == 1 else f'"{names[0]}" and "{names[1]}"'
