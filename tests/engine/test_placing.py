"""A folder is put in place whole, and gives way to one that another process put there."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.placing import place


def made(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "file").write_text(text, "utf-8")
    return folder


def test_an_older_folder_is_replaced(tmp_path: Path) -> None:
    target = made(tmp_path / "target", "old")
    place(made(tmp_path / ".draft", "new"), target, stays=lambda: False)
    assert (target / "file").read_text("utf-8") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


@pytest.mark.parametrize("wanted", [True, False])
def test_a_folder_that_came_in_between_stays_only_where_wanted(
    wanted: bool, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    looks: list[bool] = []

    def stays() -> bool:
        looks.append(wanted and target.exists())
        return looks[-1]

    class Late(type(target)):  # type: ignore[misc]
        """The other process comes right after the look whether the target exists."""

        def exists(self) -> bool:
            made(target, "theirs")
            return False

    draft = made(tmp_path / ".draft", "ours")
    if wanted:
        place(draft, Late(target), stays)
    else:
        with pytest.raises(OSError):
            place(draft, Late(target), stays)
    assert (target / "file").read_text("utf-8") == "theirs"
    assert looks == [False, wanted]
