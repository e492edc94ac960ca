"""Save what is shown: CSV with plain figures, and pictures drawn again for paper."""

from __future__ import annotations

import csv
import io
import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtWidgets import QFileDialog, QWidget

from app.charts.ink import Ink, paper
from app.widgets.label import cut
from engine.errors import BadInput

WIDE, TALL = 1600, 1000
_ZOOM = 1.5  # a picture 1600 wide is laid out as one of 1067, so that its words can be read
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BAD_IN_NAMES = re.compile(r"[^\w.-]+")
Drawing = Callable[[QPainter, QRectF, Ink], None]


def csv_text(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """CSV (RFC 4180) with plain figures; empty where a value is unknown.

    Words that a spreadsheet would run as a formula get an apostrophe in front.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([_cell(one) for one in heads])
    writer.writerows([[_cell(one) for one in row] for row in rows])
    return file.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str):
        value = value.replace("×", "x").replace("\0", "")
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, float):
        return "" if value != value else f"{value:.10g}"
    return value


def picture(title: str, subtitle: str, drawing: Drawing) -> QImage:
    """A chart drawn again 1600 wide on white, with a title, the data set and the date."""
    ink = paper()
    image = QImage(WIDE, TALL, QImage.Format.Format_RGB32)
    image.fill(ink.colour("surface"))
    painter = QPainter(image)
    painter.scale(_ZOOM, _ZOOM)
    area = QRectF(0, 0, WIDE / _ZOOM, TALL / _ZOOM).adjusted(28, 22, -28, -18)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(ink.font("title"))
    painter.setPen(ink.colour("text"))
    left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    painter.drawText(QRectF(area.left(), area.top(), area.width(), 28), left, cut(title, 120))
    painter.setFont(ink.font("small"))
    painter.setPen(ink.colour("text2"))
    words = f"{cut(subtitle, 140)}, {time.strftime('%Y-%m-%d')}"
    painter.drawText(QRectF(area.left(), area.top() + 28, area.width(), 20), left, words)
    drawing(painter, area.adjusted(0, 56, 0, 0), ink)
    painter.end()
    return image


def file_name(words: str, ending: str) -> str:
    """A file name made of plain characters."""
    return f"{_BAD_IN_NAMES.sub('-', words).strip('-.')[:80] or 'thimble'}.{ending}"


def ask_path(parent: QWidget, title: str, suggestion: str, kind: str) -> Path | None:
    """Where to save, or None when the person changed their mind."""
    chosen, _ = QFileDialog.getSaveFileName(parent, title, suggestion, kind)
    return Path(chosen) if chosen else None


def save_csv(path: Path, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write the file whole or not at all; BadInput names what went wrong."""
    # The mark at the front tells spreadsheets that the words are UTF-8.
    body = csv_text(heads, rows).encode("utf-8-sig", "replace")
    _write(path, lambda draft: draft.write_bytes(body))


def save_picture(path: Path, image: QImage) -> None:
    """Write a PNG whole or not at all; BadInput names what went wrong."""

    def write(draft: Path) -> None:
        if not QImageWriter(str(draft), QByteArray(b"PNG")).write(image):
            raise OSError(0, "it cannot be written")

    _write(path, write)


def _write(path: Path, write: Callable[[Path], object]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(draft)
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        why = (error.strerror or "it cannot be written").lower()
        raise BadInput(f"{path} could not be saved: {why}; choose another folder.") from None
