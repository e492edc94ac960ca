"""Compress: choose teacher, data, method and settings, see what will come of it, and start."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.context import Context
from app.draft import Draft
from app.estimate import Estimate, Speeds
from app.export import file_name
from app.health import Health
from app.pages.starting import begin, hint, queued
from app.pages.steps import Steps
from app.pages.welcome import Welcome
from app.recipes import write_spec
from app.theme import theme
from app.widgets.forecast import ForecastPanel, Known
from app.widgets.forecast_bar import ForecastBar
from app.widgets.label import line
from app.widgets.scroll import scroll
from engine import paths
from engine.errors import BadInput
from engine.files import anchored_run
from engine.spec import RunSpec, make_spec, read_spec

NARROW, RAIL = 1280, 88
RECIPES = "Run files (*.json)"


class CompressPage(QWidget):
    """The first page; before the first run it shows the welcome instead."""

    title = "Compress"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.draft = Draft(self._packages, self)
        self.health = Health(context, self.draft)
        self._speeds = Speeds()
        self._begun = False
        self.steps = Steps(self.draft, self.health)
        self.panel, self.bar = ForecastPanel(), ForecastBar()
        self.welcome: Welcome | None = None
        self._build()
        self._connect()
        if not context.history_path.exists():
            self._show_welcome()
        self.refresh()

    def _build(self) -> None:
        work = QWidget()
        row = QHBoxLayout(work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(scroll(self.steps), 1)
        left.addWidget(self.bar)
        row.addLayout(left, 1)
        self._edge = line(vertical=True)
        row.addWidget(self._edge)
        row.addWidget(self.panel)
        self.stack = QStackedWidget()
        self.stack.addWidget(work)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.stack)
        self._fit()
        theme().follow(self._fit)

    def _connect(self) -> None:
        self.steps.choose_teacher.connect(self.choose_teacher)
        self.steps.choose_data.connect(self.choose_data)
        self.steps.choose_text.connect(self.choose_text)
        self.steps.open_recipe.connect(self.open_recipe)
        self.steps.save_recipe.connect(self.save_recipe)
        for one in (self.panel.buttons, self.bar.buttons):
            one.start.connect(self.start)
            one.enqueue.connect(self.enqueue)
        for options in (self.panel.options, self.bar.options):
            options.baseline.connect(self.draft.set_baseline)
            options.quick.connect(self.draft.use_quick)
        self.draft.changed.connect(self.refresh)
        self.context.runs_changed.connect(self._speeds.forget)

    # --- what is shown ------------------------------------------------------------------------

    def activated(self) -> None:
        """The page came into sight, or the history was opened."""
        if self.context.ready and not self._begun:
            try:
                empty = not self.context.history.runs()
            except BadInput as error:
                empty = False
                self.context.message.emit("bad", str(error))
            if empty:
                self._show_welcome()
            else:
                self._show_work()
        self._leave_fields()
        self.refresh()

    def refresh(self) -> None:
        """Show the forecast and what is missing."""
        draft = self.draft
        guess = self._guess()
        known, missing = self._known(guess), draft.missing()
        pairs, words = draft.has_baseline, hint(draft, guess)
        for one in (self.panel, self.bar):
            one.show_known(known)
            one.buttons.set_missing(missing)
            one.show_options(pairs=pairs, on=draft.baseline, hint=words)

    def _guess(self) -> Estimate | None:
        if self.context.ready:
            with contextlib.suppress(BadInput):  # nothing is missing but a time
                return self._speeds.estimate(self.context.history, self.draft.spec())
        return None

    def _known(self, guess: Estimate | None) -> Known:
        found = self.draft.forecast()
        if found is None:
            return Known(self.draft.teacher.shape if self.draft.teacher else None)
        if guess is None:
            return Known(*found)
        return Known(*found, guess.headline, guess.detail)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Below 1280 px the forecast becomes a bar."""
        narrow = self.width() + theme().px(RAIL) < theme().px(NARROW)
        self.panel.setVisible(not narrow)
        self._edge.setVisible(not narrow)
        self.bar.setVisible(narrow)

    def _leave_fields(self) -> None:
        """Qt enters the first field by itself; a person has not yet asked for that."""
        if self.window().focusWidget() in (None, self.steps.name):
            self.setFocus()

    def _show_welcome(self) -> None:
        if self.welcome is None:
            self.welcome = Welcome(self.context)
            self.welcome.demo.connect(self.start_demo)
            self.welcome.own_model.connect(self._own_model)
            self.welcome.open_runs.connect(self._open_another)
            self.stack.addWidget(self.welcome)
        self.stack.setCurrentWidget(self.welcome)

    def _show_work(self) -> None:
        self._begun = True
        self.stack.setCurrentIndex(0)
        self._leave_fields()

    def _own_model(self) -> None:
        self._show_work()
        self.choose_teacher()

    def _open_another(self) -> None:
        from app.dialogs.history import open_another

        open_another(self.context, self)

    # --- choosing -----------------------------------------------------------------------------

    def choose_teacher(self) -> None:
        """Ask for a teacher."""
        from app.dialogs.teacher import TeacherDialog

        dialog = TeacherDialog(self.context, self)
        if dialog.exec() and dialog.block is not None:
            self.draft.choose_teacher(dialog.block)
        dialog.deleteLater()

    def choose_data(self) -> None:
        """Ask for data."""
        from app.dialogs.data import DataDialog

        dialog = DataDialog(self.draft.value("seed"), self)
        if dialog.exec() and dialog.block is not None:
            self.draft.choose_data(dialog.block)
        dialog.deleteLater()

    def choose_text(self) -> None:
        """Ask for a plain text."""
        from app.dialogs.text import TextDialog

        dialog = TextDialog(self.draft.data, self.draft.text_block, self)
        if dialog.exec() and dialog.block is not None:
            self.draft.choose_text(dialog.block)
        dialog.deleteLater()

    def _packages(self) -> dict[str, Path]:
        from app.dialogs.teacher import packages

        return packages(self.context)

    # --- recipes ------------------------------------------------------------------------------

    def new_run(self, spec: RunSpec | dict[str, Any] | None) -> None:
        """Show an empty form, or one filled from an earlier run's recipe."""
        self._show_work()
        if spec is None:
            self.draft.clear()
            self.steps.teacher.button.setFocus()
        else:
            self.load_spec(spec)

    def load_spec(self, spec: RunSpec | dict[str, Any]) -> None:
        """Fill the form; a recipe that cannot be used is refused in one sentence."""
        try:
            self.draft.load(spec if isinstance(spec, RunSpec) else make_spec(spec))
        except BadInput as error:
            self.context.message.emit("bad", str(error))

    def open_recipe(self) -> None:
        """Ask for a run file and fill the form from it."""
        path = QFileDialog.getOpenFileName(self, "Open recipe", "", RECIPES)[0]
        if path:
            self.read_recipe(Path(path))

    def read_recipe(self, path: Path) -> None:
        """Fill the form from a run file."""
        try:
            self.load_spec(anchored_run(read_spec(path), path.parent))
        except BadInput as error:
            self.context.message.emit("bad", str(error))

    def save_recipe(self) -> None:
        """Ask for a place and write the form as a run file."""
        suggested = file_name(self.draft.name.strip() or self.draft.automatic_name(), "json")
        path = QFileDialog.getSaveFileName(self, "Save recipe", suggested, RECIPES)[0]
        if path:
            self.write_recipe(Path(path))

    def write_recipe(self, path: Path) -> None:
        """Write the form as a run file, whole or not at all."""
        try:
            write_spec(path, self.draft.spec())
        except BadInput as error:
            self.context.message.emit("bad", str(error))

    # --- starting -----------------------------------------------------------------------------

    def start(self) -> None:
        """Start the run and show it."""
        self._run(later=False)

    def enqueue(self) -> None:
        """Put the run at the end of the queue and stay here."""
        self._run(later=True)

    def _run(self, *, later: bool) -> None:
        if self.stack.currentIndex() != 0:
            return
        if self.draft.missing():
            self.steps.lead_to_missing()
            return
        try:
            self.health.give_way()
            run_id = begin(self.context.runner, self.draft, later=later)
        except BadInput as error:
            self.context.message.emit("bad", str(error))
            return
        self._show_work()
        if later:
            self.context.message.emit("good", queued(self.draft))
        else:
            self.context.open_run.emit(run_id)

    def start_demo(self) -> None:
        """Start the demo's run and show it; the form is filled with it too."""
        try:
            spec = read_spec(paths.assets() / "demo.json")
            run_id = self.context.runner.start(spec, demo=True)
        except BadInput as error:
            self.context.message.emit("bad", str(error))
            return
        self._show_work()
        self.load_spec(spec)
        self.context.open_run.emit(run_id)

    # --- keys ---------------------------------------------------------------------------------

    def toggle_advanced(self) -> None:
        """Ctrl+D."""
        self.steps.form.toggle_advanced()

    def reset_field(self) -> None:
        """Ctrl+R: the field in focus back to its paper's value."""
        self.steps.form.reset_focused()
