"""Saving figures and pictures."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app import export
from app.charts.ink import Ink
from app.theme import Theme
from engine.errors import BadInput


def test_csv_is_plain() -> None:
    text = export.csv_text(["size (bytes)", "smaller"], [[57_400_000, "7.6×"], [None, 0.1 + 0.2]])
    assert text == "size (bytes),smaller\r\n57400000,7.6x\r\n,0.3\r\n"


@pytest.mark.parametrize("words", ["=1+1", "+1", "-x", "@SUM(A1)", "\t=1"])
def test_no_cell_runs_as_a_formula(words: str) -> None:
    (row,) = csv.reader(io.StringIO(export.csv_text([words], [])))
    assert row == [f"'{words}"]


def test_a_picture_is_1600_wide_and_light_in_the_dark(look: Theme) -> None:
    look.set_mode("dark")

    def drawing(painter: QPainter, area: QRectF, ink: Ink) -> None:
        painter.fillRect(area, ink.colour("accent"))

    image = export.picture("Size against accuracy", "reviews test", drawing)
    assert image.width() == 1600
    assert image.pixelColor(2, 2).name() == "#ffffff"
    assert image.pixelColor(800, 600).name() == "#0b6875"


def test_both_are_saved_whole(look: Theme, tmp_path: Path) -> None:
    export.save_csv(tmp_path / "a.csv", ["ü"], [[1]])
    export.save_picture(tmp_path / "a.png", QImage(4, 4, QImage.Format.Format_RGB32))
    assert (tmp_path / "a.csv").read_text("utf-8-sig").splitlines() == ["ü", "1"]
    assert QImage(str(tmp_path / "a.png")).width() == 4
    assert len(list(tmp_path.iterdir())) == 2


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"could not be saved: no such file or directory; choose"):
        export.save_csv(tmp_path / "gone" / "a.csv", [], [])


def test_file_names_are_plain() -> None:
    assert export.file_name("../settings diff\0", "csv") == "settings-diff.csv"
