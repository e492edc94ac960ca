"""The charts of Compare drawn again as pictures for paper: 1600 wide, light, with a title."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app import export
from app.charts import overlay_drawing, scatter_drawing
from app.charts.ink import Ink
from app.charts.legend import ORDER, draw_legend
from app.charts.overlay_drawing import Curves
from app.charts.scatter_scene import Scene


def curves_picture(curves: Curves, data_words: str) -> QImage:
    """Overlaid curves; `data_words` says which examples were used."""

    def draw(painter: QPainter, area: QRectF, ink: Ink) -> None:
        overlay_drawing.draw(painter, area, curves, ink)

    return export.picture(curves.title, data_words, draw)


def scatter_picture(scene: Scene, data_words: str) -> QImage:
    """The scatter with a legend, without what the pointer or a choice has marked."""
    plain = replace(scene, pointed="", chosen="")
    families = [one for one in ORDER if one in {point.family for point in plain.points}]

    def draw(painter: QPainter, area: QRectF, ink: Ink) -> None:
        draw_legend(painter, area.left(), area.top() + 8, families, ink)
        scatter_drawing.draw(painter, area.adjusted(0, 24, 0, 0), plain, ink)

    return export.picture(f"{plain.across} against {plain.up.lower()}", data_words, draw)
