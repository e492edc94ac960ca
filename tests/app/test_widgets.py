"""The controls: plain text, sane lengths, names, states."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

from app.help import Help
from app.theme import Theme
from app.widgets import (
    Button,
    Card,
    ChoiceCard,
    FlowLayout,
    Message,
    Messages,
    Pill,
    Progress,
    StatePill,
    Switch,
    combo,
    cut,
    edit,
    name,
    paint_card,
    plain_tip,
    set_wrong,
    spin,
    state_look,
    text,
    unnamed,
)
from app.widgets.ask import Question
from app.widgets.empty import Empty
from app.widgets.label import LONGEST, tip_words
from app.widgets.message import Notice
from engine.records import STATUSES

MARKUP = '<b>bold</b><img src="file:///etc/passwd">'


def test_markup_stays_words(look: Theme, qtbot) -> None:
    label = text("body", MARKUP)
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.text() == MARKUP


def test_a_million_characters_are_cut(look: Theme, qtbot) -> None:
    label = text("body", "x" * 10**6, wrap=True)
    qtbot.addWidget(label)
    assert len(label.text()) == LONGEST
    assert label.text().endswith("…")


def test_a_short_word_is_not_cut() -> None:
    assert cut("sst2") == "sst2"
    assert cut(None) == "None"
    assert cut("a\0b") == "a\N{REPLACEMENT CHARACTER}b"


def test_an_eliding_label_gives_way_and_tells_in_the_tip(look: Theme, qtbot) -> None:
    label = text("body", "a long name\nof a run that does not fit", elide=True)
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.grab()
    assert label.minimumSizeHint().width() <= 24
    assert tip_words(label) == "a long name of a run that does not fit"
    label.resize(600, 20)
    label.grab()
    assert label.toolTip() == ""


def test_a_tooltip_is_escaped_and_comes_back(look: Theme, qtbot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    plain_tip(widget, f"{MARKUP} & more\nnext")
    assert "<b>" not in widget.toolTip()
    assert tip_words(widget) == f"{MARKUP} & more\nnext"


def test_a_tone_changes_the_colour(look: Theme, qtbot) -> None:
    label = text("body", "x")
    qtbot.addWidget(label)
    label.set_tone("bad")
    assert label.palette().color(label.foregroundRole()) == look.colour("bad")


def test_a_control_without_a_name_is_found(look: Theme, qtbot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    for one in (Switch("On"), combo("Set", [("a", 1)]), spin("Layers", 4, 1, 12), edit("Name")):
        column.addWidget(one)
    assert unnamed(page) == []
    nameless = QPushButton()
    column.addWidget(nameless)
    assert unnamed(page) == [nameless]


def test_a_button_without_words_needs_a_label(look: Theme) -> None:
    with pytest.raises(ValueError, match="label"):
        Button("", "icon", "more")


def test_an_ampersand_is_shown(look: Theme, qtbot) -> None:
    button = Button("R&D")
    qtbot.addWidget(button)
    assert button.text() == "R&&D"
    assert button.accessibleName() == "R&D"


@pytest.mark.parametrize(("size", "height"), [("small", 28), ("normal", 32), ("large", 40)])
@pytest.mark.parametrize("kind", ["primary", "secondary"])
def test_buttons_have_the_heights_of_the_design(look: Theme, qtbot, kind, size, height) -> None:
    button = Button("Start run", kind, size=size)
    qtbot.addWidget(button)
    button.ensurePolished()
    assert button.sizeHint().height() == height


def test_a_disabled_button_says_why(look: Theme, qtbot) -> None:
    button = Button("Start run", "primary")
    qtbot.addWidget(button)
    button.set_enabled(False, "Choose a teacher first.")
    assert not button.isEnabled()
    assert tip_words(button) == "Choose a teacher first."


def test_a_primary_button_in_focus_has_a_ring_outside(look: Theme, qtbot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    button, other = Button("Start run", "primary"), Button("Pause")
    column.addWidget(button)
    column.addWidget(other)
    with qtbot.waitExposed(page):
        page.show()
    page.activateWindow()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(button.hasFocus)
    image, corner = page.grab().toImage(), button.geometry().topLeft()
    middle = QPoint(button.geometry().center().x(), corner.y())
    assert image.pixelColor(middle - QPoint(0, 4)) == look.colour("accent")
    assert image.pixelColor(middle - QPoint(0, 1)) != look.colour("accent")
    other.setFocus()
    assert page.grab().toImage().pixelColor(middle - QPoint(0, 4)) != look.colour("accent")


def test_an_icon_follows_the_theme(look: Theme, qtbot) -> None:
    button = Button("Pause", icon="pause")
    qtbot.addWidget(button)
    before = button.icon().pixmap(20, 16).toImage()
    look.set_mode("dark")
    assert button.icon().pixmap(20, 16).toImage() != before


def _card(**state: bool) -> QImage:
    image = QImage(120, 80, QImage.Format.Format_ARGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    paint_card(painter, image.rect().toRectF(), **state)
    painter.end()
    return image


def test_the_states_of_a_card_look_different(look: Theme) -> None:
    images = [
        _card(), _card(hovered=True), _card(focused=True), _card(selected=True),
        _card(selected=True, focused=True), _card(enabled=False),
    ]  # fmt: skip
    assert all(one != other for at, one in enumerate(images) for other in images[at + 1 :])


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_a_choice_card_is_chosen_with_the_keyboard(look: Theme, qtbot, key) -> None:
    card = ChoiceCard("TinyBERT")
    qtbot.addWidget(card)
    qtbot.keyClick(card, key)
    assert card.isChecked()


def test_a_choice_card_that_cannot_be_had_says_why(look: Theme, qtbot) -> None:
    card = ChoiceCard("Q-BERT")
    qtbot.addWidget(card)
    card.set_available(False, "Needs a fine-tuned teacher first.")
    assert not card.isEnabled()
    assert tip_words(card) == "Needs a fine-tuned teacher first."
    card.set_available(True)
    assert card.toolTip() == ""


def test_card_margins_follow_the_interface_size(look: Theme, qtbot) -> None:
    card = Card(margin=16)
    qtbot.addWidget(card)
    look.set_scale(150)
    assert card.body.contentsMargins().left() == 24


def test_every_run_state_has_a_word_and_an_icon() -> None:
    for status in STATUSES:
        word, icon, _ = state_look(status)
        assert word == status.capitalize()
        assert icon != "info"


def test_an_unknown_state_is_shown_by_its_own_name(look: Theme, qtbot) -> None:
    pill = StatePill("melted")
    qtbot.addWidget(pill)
    assert pill.accessibleName() == "Melted"


def test_a_pill_grows_with_its_word(look: Theme, qtbot) -> None:
    pill = Pill("a")
    qtbot.addWidget(pill)
    narrow = pill.width()
    pill.set_look("a longer word", "good", "check")
    assert pill.width() > narrow
    pill.grab()


def test_a_switch_flips_with_space(look: Theme, qtbot) -> None:
    switch = Switch("Reworded sentences")
    qtbot.addWidget(switch)
    with qtbot.waitSignal(switch.toggled):
        qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert switch.isChecked()
    switch.grab()


def test_flow_wraps_and_says_its_height(look: Theme, qtbot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    flow = FlowLayout(page, gap=10)
    boxes = [QWidget() for _ in range(3)]
    for box in boxes:
        box.setFixedSize(50, 20)
        flow.addWidget(box)
    flow.setGeometry(QRect(0, 0, 115, 100))
    assert [(box.x(), box.y()) for box in boxes] == [(0, 0), (60, 0), (0, 30)]
    assert flow.heightForWidth(115) == 50
    assert flow.heightForWidth(400) == 20


def test_a_message_acts_once_and_goes(look: Theme, qtbot) -> None:
    column, done = Messages(), []
    qtbot.addWidget(column)
    shown = column.show_message("warn", "1 run was interrupted.", "Show", lambda: done.append(1))
    assert column.sentences() == ["1 run was interrupted."]
    shown.button.click()
    assert done == [1]
    assert column.sentences() == []
    assert column.isHidden()


def test_the_same_message_is_shown_once_and_three_at_most(look: Theme, qtbot) -> None:
    column = Messages()
    qtbot.addWidget(column)
    for sentence in ("a", "b", "b", "c", "d"):
        column.show_message("bad", sentence)
    assert column.sentences() == ["b", "c", "d"]


@pytest.mark.parametrize("kind", ["warn", "bad", "good", "info"])
def test_every_kind_of_message_draws(look: Theme, qtbot, kind: str) -> None:
    message = Message(kind, MARKUP * 20, "Use 16")
    qtbot.addWidget(message)
    message.resize(500, 60)
    assert not message.grab().isNull()
    assert unnamed(message) == []


@pytest.mark.parametrize(("given", "shown"), [(0.5, 0.5), (7, 1), (-1, 0), (float("nan"), 0)])
def test_progress_stays_between_nothing_and_all(look: Theme, qtbot, given, shown) -> None:
    bar = Progress("Run")
    qtbot.addWidget(bar)
    bar.set_share(given)
    bar.grab()
    assert bar.share == shown
    assert bar.accessibleName() == f"Run, {shown:.0%}"


def test_a_line_takes_no_more_than_its_length(look: Theme, qtbot) -> None:
    field = edit("Name", "x" * 10**6)
    qtbot.addWidget(field)
    assert len(field.text()) == 200


def test_a_wrong_field_is_marked_and_cleared(look: Theme, qtbot) -> None:
    field = spin("Layers", 4, 1, 14, unit="layers")
    qtbot.addWidget(field)
    set_wrong(field, True)
    assert field.property("wrong") is True
    set_wrong(field, False)
    assert field.property("wrong") is False
    assert field.text() == "4 layers"


def test_scrolling_over_a_field_out_of_focus_changes_nothing(look: Theme, qtbot) -> None:
    field = spin("Layers", 4, 1, 14)
    qtbot.addWidget(field)
    turn = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, 0), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(field, turn)
    assert field.value() == 4


def test_a_choice_starts_at_its_value(look: Theme, qtbot) -> None:
    box = combo("Across", [("Size", "bytes"), ("Latency", "latency")], "latency")
    qtbot.addWidget(box)
    assert box.currentText() == "Latency"


def test_a_question_gives_the_key_pressed(look: Theme, qtbot) -> None:
    question = Question(
        None, "Stop?", MARKUP, [("keep", "Keep", "secondary"), ("stop", "Stop", "primary")]
    )
    qtbot.addWidget(question)
    question.buttons["stop"].click()
    assert question.answer == "stop"
    assert question.result() == 1


def test_a_question_left_with_escape_has_no_answer(look: Theme, qtbot) -> None:
    question = Question(None, "Stop?", "Really?", [("stop", "Stop", "primary")])
    qtbot.addWidget(question)
    qtbot.keyClick(question, Qt.Key.Key_Escape)
    assert question.answer == ""


def test_a_name_is_cut(look: Theme, qtbot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    name(widget, "x" * 10**6)
    assert len(widget.accessibleName()) == 300


def test_an_empty_page_shows_all_of_its_sentence(look: Theme, qtbot) -> None:
    empty = Empty("nav-runs", "Nothing yet", "Words that need more than one line. " * 6, "Go on")
    qtbot.addWidget(empty)
    empty.resize(1000, 700)
    empty.show()
    assert empty.words.height() >= empty.words.heightForWidth(empty.words.width())


def test_a_notice_changes_and_goes(look: Theme, qtbot) -> None:
    notice = Notice()
    qtbot.addWidget(notice)
    notice.show_notice(("warn", "Paused at 12 %.", "Resume"))
    notice.show_notice(("bad", "It failed.", "Run again"))
    assert notice.words() == "It failed."
    notice.show_notice(None)
    assert notice.isHidden()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_a_button_is_pressed_with_the_keyboard(look: Theme, qtbot, key) -> None:
    button = Button("Choose…")
    qtbot.addWidget(button)
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, key)


def test_help_stays_within_the_window(look: Theme, qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.setGeometry(50, 50, 600, 400)
    corner = Button("Open…", tip="What it does, in a sentence that takes some room", label="Open")
    corner.setParent(window)
    corner.move(540, 370)
    window.show()
    popup = Help.about(corner, window)
    qtbot.addWidget(popup)
    assert window.frameGeometry().contains(popup.geometry())
