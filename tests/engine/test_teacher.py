"""A model folder is judged by its config and the header of its weights, before anything is built."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jobs import edit_config, model_folder

from engine.errors import BadInput
from engine.spec import BundledTeacher, FolderTeacher, RunTeacher
from engine.teacher import (
    bundled_teachers,
    inspect_folder,
    inspect_teacher,
    read_header,
    teacher_folder,
)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_folder(tmp_path_factory.mktemp("original"))


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """A BERT folder that a test may spoil."""
    return Path(shutil.copytree(original, tmp_path / "model"))


def refusal(folder: Path) -> str:
    with pytest.raises(BadInput) as caught:
        inspect_folder(folder)
    return str(caught.value)


def weights_with(header: Any, folder: Path, data: bytes = b"", length: int | None = None) -> None:
    """Write a safetensors file by hand."""
    body = header if isinstance(header, bytes) else json.dumps(header).encode()
    size = struct.pack("<Q", len(body) if length is None else length)
    (folder / "model.safetensors").write_bytes(size + body + data)


def entry(shape: list[Any], size: int, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [0, size]}


def test_a_folder_says_what_it_is(folder: Path) -> None:
    info = inspect_folder(folder)
    assert (info.title, info.labels, info.has_head) == ("model", ("bad", "good"), True)
    assert info.shape.layers == 3
    assert info.bytes == (folder / "model.safetensors").stat().st_size


def test_unnamed_classes_are_numbered(folder: Path) -> None:
    edit_config(folder, id2label=None, label2id=None)
    assert inspect_folder(folder).labels == ("LABEL_0", "LABEL_1")


@pytest.mark.parametrize("names", [{"0": "a"}, {"0": "a", "7": "b"}, ["a", "b"], "ab", 3])
def test_class_names_that_do_not_fit_are_numbered(names: Any, folder: Path) -> None:
    edit_config(folder, id2label=names)
    assert inspect_folder(folder).labels == ("LABEL_0", "LABEL_1")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_the_fingerprint_covers_every_file(name: str, folder: Path) -> None:
    before = inspect_folder(folder).fingerprint
    assert inspect_folder(folder).fingerprint == before
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[:-1] + b"\1" if name == "model.safetensors" else data + b"\n")
    assert inspect_folder(folder).fingerprint != before


@pytest.mark.parametrize("about", ["", "{}", '{"title": "<b>Bundled</b>"}', "["])
def test_a_strangers_about_file_is_not_read(about: str, folder: Path) -> None:
    (folder / "about.json").write_text(about)
    assert inspect_folder(folder).title == "model"


def test_a_run_that_keeps_no_weights_cannot_teach(tmp_path: Path) -> None:
    block = RunTeacher(source="run", id="r1")
    with pytest.raises(BadInput, match='result of "r1" is a model of its own kind, which keeps no'):
        inspect_teacher(block, {"r1": tmp_path})


# Folders ------------------------------------------------------------------------------------


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path / "none")
        == f"There is no folder {tmp_path}/none; choose a folder that holds a model."
    )


def test_a_nul_in_a_path_is_a_missing_folder() -> None:
    with pytest.raises(BadInput, match="There is no folder"):
        inspect_teacher(FolderTeacher(source="folder", path="a\0b"))


def test_a_folder_without_config_is_no_model(tmp_path: Path) -> None:
    assert "holds no config.json, so it is no model folder" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not valid JSON"),
        ("[1]", "is not a model's config"),
        (" " * 1_000_001, "is larger than 1 MB"),
    ],
    ids=["cut", "list", "huge"],
)
def test_an_unreadable_config_is_named(content: str, words: str, folder: Path) -> None:
    (folder / "config.json").write_text(content)
    assert words in refusal(folder)


def test_a_config_that_brings_code_is_refused(folder: Path) -> None:
    edit_config(folder, auto_map={"AutoModel": "code.Model"})
    assert (
        refusal(folder)
        == "model/config.json asks to run code of its own; Thimble never does. Use a plain model."
    )


def test_a_folder_without_tokenizer_is_refused(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    assert "holds no tokenizer; add its tokenizer.json or vocab.txt." in refusal(folder)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt"])
def test_pickled_weights_are_never_opened(name: str, folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / name)
    assert f"holds pickled weights ({name}), which can run code when opened" in refusal(folder)


def test_weights_in_parts_are_refused(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    (folder / "model.safetensors.index.json").write_text("{}")
    assert "holds weights in several parts" in refusal(folder)


def test_a_folder_without_weights_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    assert "holds no model.safetensors" in refusal(folder)


# Weights ------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [0, 7, 8, 100, -1])
def test_truncated_weights_are_damaged(keep: int, folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    assert refusal(folder) == f"{path} is damaged or cut short; copy or download the model again."


LIES: list[Callable[[Path], None]] = [
    lambda folder: weights_with({}, folder, length=2**63),
    lambda folder: weights_with({}, folder, length=1),
    lambda folder: weights_with([], folder),
    lambda folder: weights_with(b"[" * 100_000, folder),
    lambda folder: weights_with({"a": 3}, folder),
    lambda folder: weights_with({"a": entry([4], 16)}, folder, b"\0" * 12),
    lambda folder: weights_with({"a": entry([10**12, 16], 64)}, folder, b"\0" * 64),
    lambda folder: weights_with({"a": entry([-4, -4], 64)}, folder, b"\0" * 64),
    lambda folder: weights_with({"a": entry([16], 64, "PICKLE")}, folder, b"\0" * 64),
    lambda folder: weights_with(
        b'{"a": {"dtype": "F32", "shape": [1e999], "data_offsets": [0, 4]}}', folder
    ),
    lambda folder: weights_with({"a": entry(["x"], 64)}, folder, b"\0" * 64),
]


@pytest.mark.parametrize("lie", LIES, ids=range(len(LIES)))
def test_a_header_that_lies_is_damaged(lie: Callable[[Path], None], folder: Path) -> None:
    lie(folder)
    assert "is damaged or cut short" in refusal(folder)


def test_a_head_of_a_billion_classes_costs_nothing(folder: Path) -> None:
    weights_with({"classifier.weight": entry([10**9, 16], 64)}, folder, b"\0" * 64)
    assert "is damaged or cut short" in refusal(folder)


@pytest.mark.parametrize(
    "sizes",
    [
        {"vocab_size": 2_000_000, "hidden_size": 65_536},
        {"num_hidden_layers": 1000, "hidden_size": 65_536},
        {"max_position_embeddings": 100_000, "hidden_size": 4096},
        {"intermediate_size": 262_144},
    ],
)
def test_a_config_larger_than_its_weights_is_refused_unbuilt(
    sizes: dict[str, int], folder: Path
) -> None:
    edit_config(folder, **sizes)
    assert " numbers but its weights hold " in refusal(folder)


def test_the_header_gives_every_shape(folder: Path) -> None:
    shapes = read_header(folder / "model.safetensors")
    assert shapes["bert.embeddings.word_embeddings.weight"] == (17, 16)
    assert shapes["classifier.bias"] == (2,)


# Blocks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["reviews-minilmm", "../secrets", "<img src=x>", "🦊"])
def test_an_unknown_bundled_teacher_is_refused(name: str) -> None:
    with pytest.raises(
        BadInput, match=r'^There is no bundled teacher ".{1,20}"(\.|, did you mean .*\?) Known: '
    ):
        teacher_folder(BundledTeacher(source="bundled", name=name))


def test_every_bundled_teacher_can_be_inspected() -> None:
    for one in bundled_teachers():
        info = inspect_teacher(BundledTeacher(source="bundled", name=one.name))
        assert info.title == one.title
        assert info.has_head


def test_an_earlier_runs_package_is_a_teacher(tmp_path: Path) -> None:
    block = RunTeacher(source="run", id="20260101-000000-aaaa")
    (tmp_path / "weights").mkdir()
    assert teacher_folder(block, {block.id: tmp_path}) == tmp_path / "weights"
    with pytest.raises(BadInput, match='no finished run "20260101-000000-aaaa"'):
        teacher_folder(block, {})


def test_the_weights_of_a_package_are_called_by_its_name(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "package" / "weights")
    (tmp_path / "package" / "manifest.json").write_text('{"name": "Run A"}', "utf-8")
    assert inspect_folder(folder).title == "Run A"
