"""Find a teacher and say what it is, from its config and the header of its weights alone."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from engine import paths
from engine.architectures import Architecture, checked_config
from engine.errors import BadInput, nearest
from engine.shape import Shape
from engine.spec import BundledTeacher, FolderTeacher, HubTeacher, TeacherBlock, read_json

LARGEST_HEADER = 100_000_000
SLACK = 1_000_000  # numbers that a config may ask for beyond twice what its weights hold
WIDTHS = {  # bits of each number type a safetensors file may name
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "U16": 16, "I16": 16, "F16": 16,
    "BF16": 16, "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64,
}  # fmt: skip
TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "vocab.json")
FILES = (  # all that is ever read or downloaded
    "config.json", "model.safetensors", *TOKENIZER_FILES, "merges.txt", "tokenizer_config.json",
)  # fmt: skip


@dataclass(frozen=True)
class TeacherInfo:
    """A model folder that may be loaded; nothing has been read but config and header.

    `labels` are the model's own class names, empty when it has no trained head.
    """

    title: str
    folder: Path
    architecture: Architecture
    config: dict[str, Any]
    labels: tuple[str, ...]
    shape: Shape
    bytes: int

    @property
    def has_head(self) -> bool:
        """True when the weights hold a trained classification head."""
        return bool(self.labels)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over config, weights and tokenizer: the same model gives the same print."""
        digest = hashlib.sha256()
        for name in FILES:
            path = self.folder / name
            if path.is_file():
                digest.update(name.encode())
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()


@dataclass(frozen=True)
class BundledModel:
    """A teacher that travels with Thimble, as its about.json describes it."""

    name: str
    title: str
    sentence: str
    data: str


def bundled_teachers() -> tuple[BundledModel, ...]:
    """The teachers under assets/models."""
    found = []
    for about in sorted((paths.assets() / "models").glob("*/about.json")):
        raw = json.loads(about.read_text("utf-8"))
        found.append(BundledModel(about.parent.name, raw["title"], raw["sentence"], raw["data"]))
    return tuple(found)


def teacher_folder(block: TeacherBlock, packages: Mapping[str, Path] | None = None) -> Path:
    """Return the folder of a teacher block; a hub model is downloaded first.

    `packages` maps the id of an earlier run to its package folder.
    """
    if isinstance(block, BundledTeacher):
        known = {one.name: one for one in bundled_teachers()}
        if block.name not in known:
            raise BadInput(
                f'There is no bundled teacher "{block.name}"{nearest(block.name, known) or "."}'
                f" Known: {', '.join(known)}.",
                "teacher.name",
            )
        return paths.assets() / "models" / block.name
    if isinstance(block, FolderTeacher):
        return Path(block.path).expanduser()
    if isinstance(block, HubTeacher):
        return _download(block)
    folder = (packages or {}).get(block.id)
    if folder is None:
        raise BadInput(
            f'There is no finished run "{block.id}" to use as a teacher; look in Runs.',
            "teacher.id",
        )
    weights = Path(folder) / "weights"
    if Path(folder).is_dir() and not weights.is_dir():  # a BiLSTM is no encoder to learn from
        raise BadInput(
            f'The result of "{block.id}" is a model of its own kind, which keeps no weights to teach '
            "with; choose a run whose result is a BERT-like model.",
            "teacher.id",
        )
    return weights


def _download(block: HubTeacher) -> Path:
    """Fetch a hub model's config, safetensors and tokenizer; nothing else is ever downloaded."""
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(block.id, revision=block.revision, allow_patterns=list(FILES))
        )
    except Exception as error:  # the hub's client raises many kinds; a person needs one sentence
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise BadInput(
            f'The model "{block.id}" could not be fetched from the hub ({reason}); '
            "check the name and the network, or choose a folder.",
            "teacher.id",
        ) from error


def inspect_teacher(block: TeacherBlock, packages: Mapping[str, Path] | None = None) -> TeacherInfo:
    """Describe the teacher a block names, or say in one sentence why it cannot be used."""
    return inspect_folder(teacher_folder(block, packages))


def inspect_folder(folder: Path) -> TeacherInfo:
    """Describe a model folder from its config and the header of its weights."""
    if not folder.is_dir():
        raise BadInput(
            f"There is no folder {folder}; choose a folder that holds a model.", "teacher.path"
        )
    if not (folder / "config.json").is_file():
        raise BadInput(
            f"{folder} holds no config.json, so it is no model folder; choose another.",
            "teacher.path",
        )
    raw = read_json(folder / "config.json")
    architecture, config = checked_config(raw, f"{folder.name}/config.json")
    weights = folder / "model.safetensors"
    tensors = read_header(weights)
    labels = _labels(raw, tensors.get(architecture.head))
    shape = architecture.shape(config, max(len(labels), 2))
    _check_size(shape, tensors, folder)
    if not any((folder / name).is_file() for name in TOKENIZER_FILES):
        raise BadInput(
            f"{folder} holds no tokenizer; add its tokenizer.json or vocab.txt.", "teacher.path"
        )
    return TeacherInfo(
        title=_title(folder), folder=folder, architecture=architecture, config=config, labels=labels,
        shape=shape, bytes=weights.stat().st_size,
    )  # fmt: skip


def _title(folder: Path) -> str:
    """A bundled teacher's title, the name of the run whose weights these are, or the folder's."""
    bundled = {paths.assets() / "models" / one.name: one.title for one in bundled_teachers()}
    about = folder.parent / "manifest.json"
    if folder.name == "weights" and about.is_file():
        named = read_json(about)
        if isinstance(named, dict) and isinstance(named.get("name"), str) and named["name"]:
            return str(named["name"])[:200]
    return bundled.get(folder, folder.name)[:200]


def _check_size(shape: Shape, tensors: dict[str, tuple[int, ...]], folder: Path) -> None:
    """Refuse a config that asks for far more numbers than the weights hold, before building it."""
    held = sum(math.prod(dims) for dims in tensors.values())
    wanted = shape.parameters - shape.head_parameters
    if wanted > 2 * held + SLACK:
        raise BadInput(
            f"The config in {folder} asks for {wanted:,} numbers but its weights hold {held:,}; they do "
            "not belong together, so choose the complete model.",
            "teacher.path",
        )


def _labels(raw: dict[str, Any], head: tuple[int, ...] | None) -> tuple[str, ...]:
    """Class names of a trained head, from id2label or numbered; empty without a head."""
    if not head:
        return ()
    names = raw.get("id2label")
    if isinstance(names, dict) and set(names) == {str(i) for i in range(head[0])}:
        return tuple(str(names[str(i)])[:200] for i in range(head[0]))
    return tuple(f"LABEL_{i}" for i in range(head[0]))


def read_header(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the tensors in a safetensors file, without reading them.

    Raises BadInput when the file is missing, holds pickled weights beside it, or is cut short.
    """
    if not path.is_file():
        pickled = [p.name for p in path.parent.glob("*.bin")] + [
            p.name for p in path.parent.glob("*.pt")
        ]
        if pickled:
            raise BadInput(
                f"{path.parent} holds pickled weights ({pickled[0]}), which can run code when "
                "opened; save the model as model.safetensors and choose it again.",
                "teacher.path",
            )
        if (path.parent / "model.safetensors.index.json").is_file():
            raise BadInput(
                f"{path.parent} holds weights in several parts; save them as one model.safetensors.",
                "teacher.path",
            )
        raise BadInput(
            f"{path.parent} holds no model.safetensors; choose a model folder.", "teacher.path"
        )
    broken = BadInput(
        f"{path} is damaged or cut short; copy or download the model again.", "teacher.path"
    )
    total = path.stat().st_size
    with path.open("rb") as file:
        first = file.read(8)
        length = struct.unpack("<Q", first)[0] if len(first) == 8 else 0
        if not 2 <= length <= min(LARGEST_HEADER, total - 8):
            raise broken
        try:
            header = json.loads(file.read(length))
            entries = {name: value for name, value in header.items() if name != "__metadata__"}
            shapes = {name: _dimensions(value) for name, value in entries.items()}
            end = max((int(value["data_offsets"][1]) for value in entries.values()), default=0)
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            IndexError,
            OverflowError,
            RecursionError,
        ):
            raise broken from None
    if end != total - 8 - length:
        raise broken
    return shapes


def _dimensions(entry: dict[str, Any]) -> tuple[int, ...]:
    """The shape of one tensor of the header; ValueError when it does not fill its bytes."""
    dims = tuple(int(size) for size in entry["shape"])
    begin, end = entry["data_offsets"]
    if min(dims, default=0) < 0 or math.prod(dims) * WIDTHS[entry["dtype"]] != 8 * (end - begin):
        raise ValueError("shape and bytes differ")
    return dims
