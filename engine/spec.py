"""The run file: everything needed to repeat a run, as JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine import schema
from engine.errors import BadInput
from engine.method import Method, find_method
from engine.schema import Params, choice, make, number, whole

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


class Training(Params):
    """Settings shared by every method that trains."""

    epochs: int = whole(
        3, 1, 1000, "How many times the student sees every training sentence.",
        label="Learn for", unit="epochs", term="epochs", source="Our default", basic=True,
    )  # fmt: skip
    batch_size: int = whole(
        32, 1, 4096, "Sentences per step. Larger is steadier and needs more memory.",
        label="Batch size", unit="sentences", source="Our default", basic=True,
    )  # fmt: skip
    learning_rate: float = number(
        5e-5, 1e-8, 1.0, "How far each step moves the weights. Too high diverges, too low crawls.",
        label="Learning rate", unit="per step", scientific=True, source="Our default", basic=True,
    )  # fmt: skip
    max_length: int = whole(
        64, 8, 512, "Longer sentences are cut to this many word pieces.",
        label="Longest sentence", unit="pieces", term="maximum length", step=8,
        source="Our default",
    )  # fmt: skip
    warmup: float = number(
        0.1, 0.0, 1.0, "Share of all steps in which the learning rate rises from zero.",
        label="Warm-up", term="linear warm-up", step=0.05, source="Devlin et al. 2019, A.2",
    )  # fmt: skip
    schedule: Literal["linear", "cosine", "constant"] = choice(
        "linear", "How the learning rate falls after the warm-up.",
        label="Rate schedule", source="Devlin et al. 2019, A.2",
    )  # fmt: skip
    weight_decay: float = number(
        0.01, 0.0, 1.0, "Pulls weights towards zero; biases and LayerNorm are left out.",
        label="Weight decay", step=0.01, source="Devlin et al. 2019, A.2",
    )  # fmt: skip
    clip: float = number(
        1.0, 0.0, 1000.0, "Gradients longer than this are shortened; 0 switches it off.",
        label="Gradient limit", term="gradient clipping", step=0.5,
        source="Devlin et al. 2019, reference code",
    )  # fmt: skip
    dropout: float | None = number(
        None, 0.0, 0.9, "Share of units hidden at random in each step; automatic keeps the model's.",
        label="Dropout", step=0.05, source="Our default: the model's own",
    )  # fmt: skip
    validations: int = whole(
        4, 1, 100, "How often per epoch the student is checked on the validation split.",
        label="Checks per epoch", unit="per epoch", source="Our default",
    )  # fmt: skip
    keep: Literal["best", "last"] = choice(
        "best", "Keep the weights with the best validation accuracy, or the last ones.",
        label="Weights to keep", term="model selection", source="Our default",
    )  # fmt: skip
    save_every: float = number(
        20.0, 0.0, 3600.0, "Seconds between saved states, from which a killed run goes on; 0 saves every step.",
        label="Save every", unit="seconds", term="checkpoint interval", step=5.0, source="Our default",
    )  # fmt: skip
    precision: Literal["auto", "float32", "bfloat16"] = choice(
        "auto", "Arithmetic while training; auto takes bfloat16 where the processor is faster with it.",
        label="Arithmetic", term="precision", source="Our default",
    )  # fmt: skip
    threads: int | None = whole(
        None, 1, 256, "Processor threads for training; automatic takes every core.",
        label="Threads", unit="threads", source="Our default",
    )  # fmt: skip


class RunSpec(_Block):
    """One run, checked: teacher, data, method with its settings, training, seed and device."""

    name: str = Field("", max_length=LONGEST_NAME)
    teacher: TeacherBlock
    data: DataBlock
    method: dict[str, Any]
    training: Training
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


def anchored(block: TeacherBlock | DataBlock, folder: Path) -> Any:
    """The block with full paths; relative ones lie in `folder`, that of the file naming them."""
    names = {FolderTeacher: ("path",), FilesData: ("train", "validation", "test", "unlabelled")}
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


def training_settings() -> tuple[schema.Setting, ...]:
    """The shared training settings, for a form."""
    return schema.settings_of(Training)
