"""Menus with a line for each of several things that are only known when the program runs: recent files, examples, themes."""

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from gui.files import FileCommands, example_files
from gui.settings import Settings
from gui.theme import application, choices, theme_notifier


class RecentMenu(QMenu):
    """The files that were opened or saved last, newest first."""

    def __init__(self, files: FileCommands, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__("Open &recent", parent)
        self._files = files
        self._settings = settings
        files.recent_changed.connect(self._fill)
        self.triggered.connect(self._act)
        self._fill()

    def _fill(self) -> None:
        self.clear()
        for path in self._settings.recent_files:
            self.addAction(str(path)).setData(path)
        self.setEnabled(not self.isEmpty())
        self.addSeparator()
        self.addAction("&Clear this list")

    def _act(self, action: QAction) -> None:
        if (path := action.data()) is not None:
            self._files.open_path(path)
        else:
            self._settings.forget_files()
            self._fill()


class ExamplesMenu(QMenu):
    """The experiments that come with the program."""

    def __init__(self, files: FileCommands, parent: QWidget | None = None) -> None:
        super().__init__("&Examples", parent)
        self._files = files
        for path in example_files():
            self.addAction(path.name.split(".")[0].replace("-", " ").replace("_", " ").capitalize()).setData(path)
        self.triggered.connect(self._open)

    def _open(self, action: QAction) -> None:
        self._files.open_example(action.data())


class ThemeMenu(QMenu):
    """Light, dark, or as the system has it; remembered."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__("&Theme", parent)
        self._settings = settings
        group = QActionGroup(self)
        for choice in choices:
            action = self.addAction({"system": "As the &system", "light": "&Light", "dark": "&Dark"}[choice])
            action.setCheckable(True)
            action.setChecked(choice == settings.theme)
            action.setData(choice)
            group.addAction(action)
        self.triggered.connect(self._choose)

    def _choose(self, action: QAction) -> None:
        self._settings.theme = action.data()
        theme_notifier(application()).choose(action.data())
