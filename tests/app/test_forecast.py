"""The forecast: sizes from shapes alone, a drawing to scale, and no promise of accuracy."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from app.widgets.forecast import UNTIMED, ForecastPanel, Known
from app.widgets.forecast_bar import ForecastBar
from app.widgets.shape_words import sentence
from app.widgets.shapes import ShapeDrawing, SizeBars, _scale
from app.widgets.start import StartButtons
from engine.shape import Forecast, Shape

TEACHER = Shape("bert", 12, 768, 12, 3072, 30522, 512, 2, 2)
STUDENT = TEACHER.resized(layers=4)
LINKS = ((3, 1), (6, 2), (9, 3))
KNOWN = Known(
    TEACHER, Forecast(STUDENT, LINKS), "About 19 min", "16 to 24 min, judged by 2 earlier runs"
)


def test_reading_is_the_ratio_of_the_bytes():
    assert KNOWN.reading == ("2.1×", "smaller")


def test_same_and_larger_are_not_called_smaller():
    assert Known(TEACHER, Forecast(TEACHER)).reading == ("1.0×", "same size")
    assert Known(STUDENT, Forecast(TEACHER)).reading == ("2.1×", "larger")


def test_unknown_is_a_dash():
    assert Known(TEACHER).reading == ("–", "smaller")


def test_panel_shows_the_table(look, qtbot):
    panel = ForecastPanel()
    qtbot.addWidget(panel)
    panel.show_known(KNOWN)
    cells = {
        place: cell.text().replace("\N{NO-BREAK SPACE}", " ")
        for place, cell in panel.table.cells.items()
    }
    assert cells["Parameters", 1] == "109.5 M"
    assert cells["Size on disk", 2] == "211.1 MB"
    assert cells["Compression", 2] == "2.1×"


def test_time_is_said_only_when_known(look, qtbot):
    panel = ForecastPanel()
    qtbot.addWidget(panel)
    panel.show_known(Known(TEACHER, KNOWN.forecast))
    assert panel.time.words.text() == f"{UNTIMED}."
    panel.show_known(KNOWN)
    assert panel.time.head.text() == "About 19 min"


def test_accuracy_is_never_forecast(look, qtbot):
    panel = ForecastPanel()
    qtbot.addWidget(panel)
    assert "never forecast" in panel.honest.words.text()


def test_bar_says_the_same_in_short(look, qtbot):
    bar = ForecastBar()
    qtbot.addWidget(bar)
    bar.show_known(KNOWN)
    assert [upper.text().replace("\N{NO-BREAK SPACE}", " ") for upper, _ in bar.cells] == [
        "211.1 MB", "52.8 M parameters", "About 19 min",
    ]  # fmt: skip
    bar.show_known(Known())
    assert not bar.drawing.isEnabled()


def test_sentence_counts_the_marked_layers():
    assert sentence(Forecast(STUDENT, LINKS)).endswith("learns from the three marked layers.")
    assert sentence(Forecast(STUDENT, LINKS[:1])).endswith("learns from the one marked layer.")
    assert "learns" not in sentence(Forecast(STUDENT))


@pytest.mark.parametrize("layers", [1, 12, 48, 1000])
def test_scale_fits_any_depth(layers):
    deep = TEACHER.resized(layers=layers)
    scale = _scale(deep, STUDENT, 125, 226, 4)
    height = sum(
        size / deep.hidden * scale.down
        for size in (deep.embedding_parameters, deep.layers * deep.layer_parameters)
    )
    assert height + scale.gap * layers <= 226.001


def test_drawing_tells_its_content(look, qtbot):
    drawing = ShapeDrawing()
    qtbot.addWidget(drawing)
    drawing.show_forecast(TEACHER, Forecast(STUDENT, LINKS))
    assert drawing.accessibleName().endswith(
        "the student 4 layers, 768 wide, learning from teacher layers 3, 6, 9"
    )


@pytest.mark.parametrize("links", [LINKS, (), ((99, 1), (0, 0))])
def test_drawing_paints_links_that_fit_and_leaves_others(look, qtbot, links):
    drawing = ShapeDrawing()
    qtbot.addWidget(drawing)
    drawing.resize(289, 284)
    empty = drawing.grab().toImage()
    drawing.show_forecast(TEACHER, Forecast(STUDENT, links))
    assert drawing.grab().toImage() != empty


def test_bars_tell_both_sizes(look, qtbot):
    bars = SizeBars()
    qtbot.addWidget(bars)
    bars.show_sizes(TEACHER.bytes, STUDENT.bytes)
    assert (
        bars.accessibleName().replace("\N{NO-BREAK SPACE}", " ")
        == "Teacher 437.9 MB, student 211.1 MB"
    )
    assert not bars.grab().isNull()


def test_start_names_what_is_missing(look, qtbot):
    buttons = StartButtons(upright=True)
    qtbot.addWidget(buttons)
    buttons.set_missing("Choose data")
    assert buttons.start_button.text() == "Choose data"
    assert not buttons.start_button.isEnabled()
    buttons.set_missing("")
    assert buttons.start_button.text() == "Start run"
    assert buttons.start_button.isEnabled()


def test_a_narrow_bar_leaves_out_figures_and_no_button(look, qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    bar = ForecastBar()
    bar.setParent(page)
    bar.show_known(KNOWN)
    bar.resize(640, 68)
    page.show()
    assert bar.cells[1][0].isHidden()
    bar.layout().activate()
    assert bar.buttons.start_button.width() >= bar.buttons.start_button.minimumSizeHint().width()
    bar.resize(1100, 68)
    assert not bar.cells[1][0].isHidden()
