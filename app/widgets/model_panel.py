"""The left side of the Playground: filter, models with ticks, and all or none of them."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.theme import theme
from app.widgets.button import Button
from app.widgets.field import edit
from app.widgets.label import line, text
from app.widgets.models import ModelList


class ModelPanel(QWidget):
    """`list.models` holds the candidates and their ticks."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.filter = edit("Filter models", "", "Filter models")
        self.list = ModelList()
        self.chosen = text("small", "", "text2")
        self.all = Button("All", "link", size="small", label="Choose all models")
        self.none = Button("None", "link", size="small", label="Choose no model")
        foot = QHBoxLayout()
        foot.addWidget(self.chosen, 1)
        foot.addWidget(self.all)
        foot.addWidget(self.none)
        self._column = QVBoxLayout(self)
        self._column.addWidget(text("title", title))
        self._column.addWidget(self.filter)
        self._column.addWidget(self.list, 1)
        self._column.addWidget(line())
        self._column.addLayout(foot)
        models = self.list.models
        self.filter.textChanged.connect(models.narrow)
        self.all.clicked.connect(lambda: models.set_ticked({one.id for one in models.every}))
        self.none.clicked.connect(lambda: models.set_ticked(set()))
        models.ticked_changed.connect(self._count)

    def restyle(self, narrow: bool) -> None:
        """Take the width that the window leaves."""
        px = theme().px
        self.setFixedWidth(px(240 if narrow else 292))
        self._column.setContentsMargins(px(16), px(16), px(16), px(10))
        self._column.setSpacing(px(12))

    def _count(self) -> None:
        models = self.list.models
        self.chosen.set_text(f"{len(models.ticked)} of {len(models.every)} chosen")
