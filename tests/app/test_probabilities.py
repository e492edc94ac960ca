"""Probability bars: which classes, in which words."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app.theme import Theme
from app.widgets.probabilities import in_words, paint_bars, shown_classes


def test_two_classes_keep_their_order() -> None:
    assert shown_classes(np.array([0.2, 0.8])) == [0, 1]


def test_of_many_the_likeliest_three_are_shown() -> None:
    assert shown_classes(np.array([0.1, 0.4, 0.05, 0.3, 0.15])) == [1, 3, 4]


def test_never_quite_certain() -> None:
    words = in_words(["no", "yes"], np.array([0.0002, 0.9998]))
    assert words == "no 0.0\N{NO-BREAK SPACE}%, yes over 99.9\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.0, 1.0], [0.2] * 5, [np.nan, 0.5]])
def test_they_paint(look: Theme, shares: list[float]) -> None:
    image = QImage(200, 60, QImage.Format.Format_RGB32)
    image.fill("white")
    painter = QPainter(image)
    paint_bars(painter, QRectF(0, 0, 200, 60), ["<b>label</b>"] * len(shares), np.array(shares))
    painter.end()
    assert any(image.pixelColor(100, y).name() != "#ffffff" for y in range(60))
