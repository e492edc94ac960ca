"""The window: pages, keys, messages, status bar, closing, and what it must not import."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from app import window as window_module
from app.context import Context
from app.pages.settings import SettingsPage
from app.pages.welcome import Welcome
from app.shortcuts import SHORTCUTS
from app.start import Desk, Mishaps, arguments, dress
from app.theme import Theme
from app.widgets import unnamed
from app.window import PLACES, Window
from engine.errors import BadInput
from engine.events import Event
from engine.history import History
from engine.spec import make_spec


class Page(QWidget):
    """A page that remembers what it was asked."""

    title = "Test"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.asked: list[object] = []
        self.field = QLineEdit()
        self.field.setAccessibleName("Field")
        self.field.setWhatsThis("What the field is for.")
        QVBoxLayout(self).addWidget(self.field)

    def activated(self) -> None:
        self.asked.append("activated")

    def start(self) -> None:
        self.asked.append("start")

    def open_run(self, run_id: str) -> None:
        self.asked.append(run_id)


class StandIn:
    """Takes the runner's place where a test needs a run at work without training one."""

    def __init__(self, run_id: str | None) -> None:
        self.run_id, self.ended = run_id, False

    def active(self) -> str | None:
        return None if self.ended else self.run_id

    def keep_warm(self) -> None:
        self.warm = True

    def shutdown(self) -> None:
        self.ended = True


TEST_PLACES = (*(replace(one, module=__name__, name="Page") for one in PLACES[:4]), PLACES[4])


@pytest.fixture
def window(context: Context, qtbot) -> Window:
    made = Window(context, places=TEST_PLACES)
    qtbot.addWidget(made, before_close_func=_finish_work)
    return made


def _finish_work(window: Window) -> None:
    """A run at work would make closing ask."""
    if isinstance(window.context._runner, StandIn):
        window.context._runner.run_id = None


def _spec(**more: object):
    return make_spec(
        {
            "teacher": {"source": "bundled", "name": "sst2"},
            "data": {"source": "bundled", "name": "sst2"},
            "method": {"key": "pkd"},
            **more,
        }
    )


def _show(qtbot, window: Window) -> None:
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def test_only_the_first_page_is_made(window: Window) -> None:
    assert list(window.pages) == ["compress"]
    window.go("runs")
    assert list(window.pages) == ["compress", "runs"]


def test_a_page_is_made_once_and_told_each_time(window: Window) -> None:
    first = window.pages["compress"]
    window.go("runs")
    window.go("compress")
    assert window.pages["compress"] is first
    assert first.asked == ["activated", "activated"]


def test_a_page_that_cannot_be_made_leaves_the_others(context, qtbot, monkeypatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda *error: told.append(error[0]))
    places = (replace(PLACES[0], module=__name__, name="NoSuchPage"), *TEST_PLACES[1:])
    window = Window(context, places=places)
    qtbot.addWidget(window)
    window.go("runs")
    assert told == [AttributeError]
    assert window.stack.currentWidget() is window.pages["runs"]


def test_an_unknown_page_changes_nothing(window: Window) -> None:
    window.context.navigate.emit("nowhere")
    assert window.stack.currentWidget() is window.pages["compress"]


@pytest.mark.parametrize("key", ["compress", "runs", "compare", "playground", "settings"])
def test_the_rail_shows_where_one_is(window: Window, key: str) -> None:
    window.rail.items[key].click()
    assert window.stack.currentWidget() is window.pages[key]
    assert [name for name, item in window.rail.items.items() if item.isChecked()] == [key]


def test_everything_in_the_frame_has_a_name(window: Window) -> None:
    window.go("settings")
    assert unnamed(window) == []


def test_opening_a_run_goes_to_runs_and_hands_it_over(window: Window) -> None:
    window.context.open_run.emit("20261122-163012-k3f9")
    assert window.pages["runs"].asked[-1] == "20261122-163012-k3f9"


def test_a_page_without_the_word_is_left_alone(window: Window) -> None:
    window.context.compare_runs.emit(["a"])
    assert window.stack.currentWidget() is window.pages["compare"]
    assert "a" not in window.pages["compare"].asked


def test_no_key_is_given_twice() -> None:
    keys = [one for entry in SHORTCUTS for one in entry.keys]
    assert len(keys) == len(set(keys))
    for entry in SHORTCUTS:
        assert bool(entry.page) != bool(entry.window)
        assert not entry.window or hasattr(Window, entry.window)


def test_keys_reach_the_shown_page(window: Window, qtbot) -> None:
    _show(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert window.pages["compress"].asked[-1] == "start"


def test_keys_change_page_size_and_theme(window: Window, look: Theme, qtbot) -> None:
    _show(qtbot, window)
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(window, Qt.Key.Key_2, control)
    qtbot.keyClick(window, Qt.Key.Key_Plus, control)
    qtbot.keyClick(window, Qt.Key.Key_T, control)
    assert window.stack.currentWidget() is window.pages["runs"]
    assert (look.scale, look.mode) == (115, "dark")
    qtbot.keyClick(window, Qt.Key.Key_0, control)
    assert look.scale == 100


def test_help_shows_plain_words_and_escape_leaves_the_field(window: Window, qtbot) -> None:
    _show(qtbot, window)
    field = window.pages["compress"].field
    field.setFocus()
    window.help()
    assert window._help is not None
    assert window._help.words.text() == "What the field is for."
    window.escape()
    assert not window._help.isVisible()
    window.escape()
    assert not field.hasFocus()


def test_a_message_from_anywhere_is_shown_as_words(window: Window) -> None:
    window.context.message.emit("bad", "<b>No</b> such file.")
    assert window.messages.sentences() == ["<b>No</b> such file."]


def test_no_run_says_so(window: Window) -> None:
    assert window.status.job.text() == "No run active"
    assert window.status.progress.isHidden()
    assert window.status.sample.isHidden()
    assert window.rail.items["runs"].badge == 0


def _at_work(window: Window, demo: bool = False) -> str:
    history = window.context.history
    run_id = history.add_run(_spec(name="sst2-pkd-6"), demo=demo)
    window.context._runner = StandIn(run_id)
    window.context.runs_changed.emit()
    return run_id


def test_the_run_at_work_is_shown_on_every_page(window: Window, qtbot) -> None:
    run_id = _at_work(window)
    data = {"fraction": 0.61, "remaining": 960.0}
    event = Event(kind="progress", time=time.time(), stage="Train", data=data)
    window.context._hear(run_id, [event])
    qtbot.waitUntil(lambda: window.status.percent.text() != "")
    shown = [one.text() for one in (window.status.job, window.status.stage, window.status.left)]
    assert shown == ["sst2-pkd-6", "Train", "16\N{NO-BREAK SPACE}min left"]
    assert window.status.progress.share == 0.61
    assert window.rail.items["runs"].badge == 1
    assert window.status.sample.isHidden()


def test_odd_progress_is_unknown_not_a_crash(window: Window, qtbot) -> None:
    run_id = _at_work(window)
    event = Event(kind="progress", time=time.time(), data={"fraction": "much", "remaining": []})
    window.context._hear(run_id, [event])
    qtbot.wait(300)
    assert window.status.percent.text() == ""


def test_a_demo_run_says_sample_data(window: Window) -> None:
    _at_work(window, demo=True)
    assert not window.status.sample.isHidden()


def test_closing_with_a_run_at_work_can_be_declined(window: Window, monkeypatch) -> None:
    _at_work(window)
    monkeypatch.setattr(window_module, "ask", lambda *_: "stay")
    assert window.close() is False
    assert window.context.ready


def test_closing_with_a_run_at_work_pauses_it(window: Window, monkeypatch) -> None:
    _at_work(window)
    runner = window.context._runner
    monkeypatch.setattr(window_module, "ask", lambda *_: "pause")
    assert window.close() is True
    assert runner.ended
    assert not window.context.ready


def test_the_history_is_opened_after_the_window_is_shown(look: Theme, qtbot, tmp_path) -> None:
    context = Context(tmp_path / "new" / "history.sqlite")
    window = Window(context, places=TEST_PLACES)
    qtbot.addWidget(window)
    assert not context.ready
    with qtbot.waitSignal(context.history_opened):
        window.show()
    assert (tmp_path / "new" / "history.sqlite").exists()
    window.close()


def test_a_broken_history_is_a_sentence_and_the_window_lives(look: Theme, qtbot, tmp_path) -> None:
    path = tmp_path / "history.sqlite"
    path.write_bytes(b"this is not a database, only words" * 100)
    context = Context(path)
    window = Window(context, places=TEST_PLACES)
    qtbot.addWidget(window)
    context.open_history()
    assert len(window.messages.sentences()) == 1
    assert not context.ready
    with pytest.raises(BadInput):
        _ = context.history
    window.go("settings")
    assert path.read_bytes().startswith(b"this is not a database")


def test_interrupted_runs_are_offered(look: Theme, qtbot, tmp_path) -> None:
    first = Context(tmp_path / "history.sqlite")
    first.open_history()
    run_id = first.history.add_run(_spec())
    first.history.begin(run_id, 2**22 + 1)  # no such process
    first.close()
    context = Context(tmp_path / "history.sqlite")
    window = Window(context, places=TEST_PLACES)
    qtbot.addWidget(window)
    context.open_history()
    assert window.messages.sentences() == ["1 run was interrupted. Nothing is lost."]
    window.messages._shown[0].button.click()
    assert window.pages["runs"].asked[-1] == run_id
    context.close()


def test_preferences_come_back(look: Theme, tmp_path: Path) -> None:
    file = str(tmp_path / "thimble.ini")
    Context(tmp_path / "h.sqlite", QSettings(file, QSettings.Format.IniFormat)).remember(
        "scale", 130
    )
    again = Context(tmp_path / "h.sqlite", QSettings(file, QSettings.Format.IniFormat))
    assert again.recall("scale", 100) == 130
    assert again.recall("reduced", False) is False


@pytest.mark.parametrize("scale", ["huge", "", "\0", "[1, 2]"])
def test_a_spoilt_settings_file_gives_the_defaults(look: Theme, qapp, tmp_path, scale) -> None:
    file = tmp_path / "thimble.ini"
    file.write_text(f"[General]\nscale={scale}\ntheme=pink\nreduced=maybe\n", "utf-8")
    context = Context(tmp_path / "h.sqlite", QSettings(str(file), QSettings.Format.IniFormat))
    dress(context, qapp, "light")
    assert look.scale == 100
    assert look.mode == "light"


def test_a_mishap_is_logged_and_one_sentence(window: Window, qtbot) -> None:
    mishaps = Mishaps(window.context)
    try:
        raise ZeroDivisionError("secret detail")
    except ZeroDivisionError as error:
        mishaps(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: bool(window.messages.sentences()))
    assert "secret detail" in mishaps.log.read_text("utf-8")
    assert "secret detail" not in window.messages.sentences()[0]


def test_bad_input_out_of_place_is_its_own_sentence(window: Window, qtbot) -> None:
    error = BadInput("There is no file a.tsv; check the path.")
    Mishaps(window.context)(BadInput, error, None)
    qtbot.waitUntil(lambda: bool(window.messages.sentences()))
    assert window.messages.sentences() == [str(error)]


def test_the_command_line_is_read() -> None:
    given = arguments(["--history", "h.sqlite", "--theme", "dark", "--page", "runs"])
    assert (given.history, given.theme, given.page) == (Path("h.sqlite"), "dark", "runs")


def test_welcome_says_what_was_chosen(context: Context, qtbot) -> None:
    welcome = Welcome(context)
    qtbot.addWidget(welcome)
    for button, signal in (
        (welcome.try_demo, welcome.demo),
        (welcome.choose, welcome.own_model),
        (welcome.open, welcome.open_runs),
    ):
        with qtbot.waitSignal(signal):
            button.click()
    assert unnamed(welcome) == []
    welcome.resize(1000, 640)
    assert not welcome.grab().isNull()


def test_settings_are_in_force_at_once_and_remembered(look: Theme, qtbot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "t.ini"), QSettings.Format.IniFormat)
    context = Context(tmp_path / "h.sqlite", settings)
    page = SettingsPage(context)
    qtbot.addWidget(page)
    page.activated()
    page.mode.setCurrentIndex(page.mode.findData("dark"))
    page.mode.activated.emit(page.mode.currentIndex())
    page.reduced.click()
    assert (look.mode, look.reduced) == ("dark", True)
    assert context.recall("theme", "") == "dark"
    assert page.free.text().endswith("free")
    look.set_scale(130)
    assert page.scale.currentData() == 130


def test_the_window_loads_no_torch() -> None:
    code = (
        "import importlib, pkgutil, sys, app, engine.history\n"
        "for one in pkgutil.walk_packages(app.__path__, 'app.'):\n"
        "    importlib.import_module(one.name)\n"
        "from engine.method import methods\n"
        "methods()\n"
        "heavy = {'torch', 'transformers', 'datasets', 'pandas', 'onnxruntime', 'pyarrow'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_importing_the_window_needs_no_database_library() -> None:
    code = "import sys, app.start; sys.exit('sqlite_utils' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_the_smallest_size_fits_the_screen(window: Window) -> None:
    screen = QApplication.primaryScreen().availableGeometry()
    assert window.minimumWidth() == min(1100, screen.width())
    assert window.width() <= max(screen.width(), window.minimumWidth())


def test_a_history_that_someone_sent_opens_in_its_own_window(look, qtbot, tmp_path) -> None:
    sent = tmp_path / "theirs.sqlite"
    History.open(sent).close()
    own = tmp_path / "history.sqlite"
    desk = Desk(QSettings(str(tmp_path / "t.ini"), QSettings.Format.IniFormat), own)
    first = desk.open(own, "compress")
    first.context.open_another(tmp_path / "missing.sqlite")
    assert "missing.sqlite" in first.messages.sentences()[0]
    first.context.open_another(sent)
    second = desk.windows[1]
    assert second.context.history_path == sent
    assert second.windowTitle() == "Runs – theirs.sqlite – Thimble"
    for window in desk.windows:
        window.close()


def test_the_keyboard_starts_on_the_page(window: Window, qtbot) -> None:
    _show(qtbot, window)
    window.go("runs")
    assert not window.rail.isAncestorOf(window.focusWidget())
