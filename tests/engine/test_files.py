"""Files named by settings: full paths, and what cannot be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine import method as methods_module
from engine.errors import BadInput
from engine.files import anchored_run, check_files, file_problem
from engine.method import Method, find_method
from engine.schema import Params, file, settings_of
from engine.spec import make_spec


class WithFile(Params):
    """One file."""

    vectors: str | None = file(
        "Word vectors.", label="Vector file", source="Our default", endings=(".txt", ".vec")
    )


SETTING = settings_of(WithFile)[0]


@pytest.fixture
def with_file(monkeypatch: pytest.MonkeyPatch) -> Method:
    """A method whose only setting is a file."""
    made = replace(find_method("finetune"), key="filed", Params=WithFile)
    known = {**methods_module.methods(), "filed": made}
    monkeypatch.setattr(methods_module, "methods", lambda: known)
    return made


def test_relative_paths_lie_beside_the_run_file(with_file: Method, tmp_path: Path) -> None:
    spec = make_spec({
        "teacher": {"source": "folder", "path": "teacher"},
        "data": {"source": "files", "train": "a.tsv"},
        "method": {"key": "filed", "vectors": "glove.txt"},
        "text": {"source": "file", "path": "plain.txt"},
    })  # fmt: skip
    full = anchored_run(spec, tmp_path)
    assert full.method["vectors"] == str(tmp_path / "glove.txt")
    assert full.text.path == str(tmp_path / "plain.txt")  # type: ignore[union-attr]
    assert full.data.train == str(tmp_path / "a.tsv")  # type: ignore[union-attr]
    assert full.teacher.path == str(tmp_path / "teacher")  # type: ignore[union-attr]
    assert anchored_run(full, Path("elsewhere")) == full


def test_plain_text_is_taken_and_no_file_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.VEC"
    path.write_text("é" * 4096, "utf-8")
    assert file_problem(SETTING, str(path)) == ""
    path.write_bytes(b"x" + "é".encode() * 4096)  # the head ends inside a letter
    assert file_problem(SETTING, str(path)) == ""
    assert file_problem(SETTING, None) == ""


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.bin", b"text", "another kind"),
        ("a.txt", b"a\0b", "not plain text"),
        ("a.txt", b"\xff\xfe" * 4000, "not plain text"),
        ("b.txt", None, "There is no file"),
    ],
)
def test_what_cannot_be_read_is_said(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert words in file_problem(SETTING, str(tmp_path / name))


def test_a_folder_and_half_a_path_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    assert "is a folder" in file_problem(SETTING, str(tmp_path / "a.txt"))
    assert "There is no file" in file_problem(SETTING, "a\0b.txt")


def test_checking_names_the_setting(with_file: Method) -> None:
    with pytest.raises(BadInput) as refused:
        check_files(with_file, WithFile(vectors="gone.txt"))
    assert refused.value.where == "method.vectors"
