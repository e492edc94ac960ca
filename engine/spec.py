"""The run file: everything needed to repeat a run, as JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.errors import BadInput
from engine.method import Method, find_method
from engine.schema import make
from engine.training import Training

LONGEST_NAME = 200
LONGEST_FILE = 1_000_000


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BundledTeacher(_Block):
    """A model that travels with Thimble."""

    source: Literal["bundled"]
    name: str = Field(min_length=1, max_length=LONGEST_NAME)


class FolderTeacher(_Block):
    """A Hugging Face style folder: config.json, model.safetensors and a tokenizer."""

    source: Literal["folder"]
    path: str = Field(min_length=1, max_length=4096)


class HubTeacher(_Block):
    """A model on the Hugging Face hub; the only teacher that uses the network."""

    source: Literal["hub"]
    id: str = Field(min_length=1, max_length=LONGEST_NAME)
    revision: str = Field("main", max_length=LONGEST_NAME)


class RunTeacher(_Block):
    """The package of an earlier run, so that methods chain."""

    source: Literal["run"]
    id: str = Field(min_length=1, max_length=LONGEST_NAME)


TeacherBlock = Annotated[
    BundledTeacher | FolderTeacher | HubTeacher | RunTeacher, Field(discriminator="source")
]


class _Columns(_Block):
    text: str | list[str] = "text"
    label: str = "label"

    @property
    def columns(self) -> tuple[str, ...]:
        """The one or two text columns."""
        return (self.text,) if isinstance(self.text, str) else tuple(self.text)

    @model_validator(mode="after")
    def _one_or_two(self) -> _Columns:
        if not 1 <= len(self.columns) <= 2:
            raise ValueError(f"data.text names {len(self.columns)} columns; name one or two.")
        return self


class BundledData(_Block):
    """A data set that travels with Thimble."""

    source: Literal["bundled"]
    name: str = Field(min_length=1, max_length=LONGEST_NAME)


class FilesData(_Columns):
    """Local files: .tsv .csv .jsonl .parquet, and .txt for unlabelled sentences."""

    source: Literal["files"]
    train: str
    validation: str | None = None
    test: str | None = None
    unlabelled: str | None = None


class HubData(_Columns):
    """A data set on the Hugging Face hub; the only data that uses the network."""

    source: Literal["hub"]
    id: str = Field(min_length=1, max_length=LONGEST_NAME)
    config: str | None = None
    revision: str = "main"
    train: str = "train"
    validation: str | None = "validation"
    test: str | None = "test"


DataBlock = Annotated[BundledData | FilesData | HubData, Field(discriminator="source")]


class DataText(_Block):
    """The sentences of the run's own data: its unlabelled ones, or else those it trains on."""

    source: Literal["data"]


class BundledText(_Block):
    """Plain text that travels with Thimble."""

    source: Literal["bundled"]
    name: str = Field(min_length=1, max_length=LONGEST_NAME)


class FileText(_Block):
    """A .txt file: one sentence or paragraph a line, an empty line between documents."""

    source: Literal["file"]
    path: str = Field(min_length=1, max_length=4096)


class HubText(_Block):
    """A column of text on the Hugging Face hub; the only text that uses the network."""

    source: Literal["hub"]
    id: str = Field(min_length=1, max_length=LONGEST_NAME)
    config: str | None = None
    revision: str = "main"
    split: str = "train"
    column: str = "text"


TextBlock = Annotated[DataText | BundledText | FileText | HubText, Field(discriminator="source")]


class RunSpec(_Block):
    """One run, checked: teacher, data, method with its settings, training, text, seed and device.

    `text` is the plain text that some methods read; it needs no labels.
    """

    name: str = Field("", max_length=LONGEST_NAME)
    teacher: TeacherBlock
    data: DataBlock
    method: dict[str, Any]
    training: Training
    text: TextBlock = DataText(source="data")
    seed: int = Field(42, ge=0, le=2**31 - 1)
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"

    @property
    def descriptor(self) -> Method:
        """The method this run names."""
        return find_method(str(self.method["key"]))

    @property
    def params(self) -> Any:
        """The method's checked settings."""
        values = {key: value for key, value in self.method.items() if key != "key"}
        return make(self.descriptor.Params, values, "method")

    def to_json(self) -> str:
        """The run file's text; reading it back gives an equal spec."""
        return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False)


def make_spec(values: Any) -> RunSpec:
    """Check a run file's content and fill in the defaults, the method's own first.

    Raises BadInput naming the first wrong entry and the nearest right name.
    """
    if not isinstance(values, dict):
        raise BadInput("A run file is one JSON object with teacher, data and method.")
    for block in ("teacher", "data", "method"):
        if not isinstance(values.get(block), dict):
            raise BadInput(f'The run file has no "{block}" block; add one.', block)
    given = values["method"]
    if not isinstance(given.get("key"), str):
        raise BadInput('The method block has no "key"; name a method.', "method.key")
    found = find_method(given["key"])
    params = make(found.Params, {k: v for k, v in given.items() if k != "key"}, "method")
    training = values.get("training", {})
    if not isinstance(training, dict):
        raise BadInput('"training" must be an object of settings.', "training")
    checked = make(Training, {**found.training, **training}, "training")
    filled = {
        **values,
        "method": {"key": found.key, **params.model_dump(mode="json")},
        "training": checked.model_dump(mode="json"),
    }
    spec = make(RunSpec, filled)
    try:
        spec.to_json().encode()
    except UnicodeEncodeError:
        raise BadInput(
            "The run file holds half a character (\\ud800 to \\udfff); take it out."
        ) from None
    return spec if spec.name.strip() else spec.model_copy(update={"name": default_name(spec)})


def default_name(spec: RunSpec) -> str:
    """A name from the choices: data and method."""
    data = spec.data
    if isinstance(data, FilesData):
        data_name = Path(data.train).parent.name or Path(data.train).stem
    else:
        data_name = data.name if isinstance(data, BundledData) else data.id.rpartition("/")[2]
    layers = spec.method.get("layers")
    name = f"{data_name}-{spec.method['key']}" + (f"-{layers}" if layers else "")
    return name[:LONGEST_NAME]


def read_spec(path: Path) -> RunSpec:
    """Read a run file, or say in one sentence why it cannot be used."""
    return make_spec(read_json(path))


def anchored(block: TeacherBlock | DataBlock | TextBlock, folder: Path) -> Any:
    """The block with full paths; relative ones lie in `folder`, that of the file naming them."""
    names = {
        FolderTeacher: ("path",),
        FileText: ("path",),
        FilesData: ("train", "validation", "test", "unlabelled"),
    }
    paths = {name: getattr(block, name) for name in names.get(type(block), ())}
    full = {
        name: os.path.abspath(folder / Path(path).expanduser())
        for name, path in paths.items()
        if path
    }
    return block.model_copy(update=full)


def read_json(path: Path) -> Any:
    """Read a JSON file of reasonable size, or raise BadInput naming it."""
    try:
        if path.stat().st_size > LONGEST_FILE:
            raise BadInput(f"{path} is larger than 1 MB; choose another file.")
        return json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}; check the path.") from None
    except OSError as error:
        raise BadInput(
            f"{path} cannot be read ({error.strerror or error}); choose another file."
        ) from None
    except RecursionError:
        raise BadInput(f"{path} is nested too deeply; choose another file.") from None
    except ValueError as error:  # not JSON, not UTF-8, or a number of too many digits
        raise BadInput(
            f"{path} is not valid JSON ({str(error)[:120]}); choose another file."
        ) from None
