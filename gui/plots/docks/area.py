"""The part of the window in which panels have their places: beside each other, or behind each other with tabs above."""

from PySide6.QtCore import QChildEvent, QEvent, QObject, Qt
from PySide6.QtWidgets import QMainWindow, QTabBar, QTabWidget


class Area(QMainWindow):
    """Places the panels; those that are alone in their place have no tab, and none that the Tab key would stop at."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setObjectName("panels")
        self.setDockOptions(QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)

    def childEvent(self, event: QChildEvent) -> None:
        if event.type() == QEvent.Type.ChildPolished and isinstance(bar := event.child(), QTabBar):
            bar.setAccessibleName("Panels behind each other")
            bar.installEventFilter(self)
            _let_be_reached(bar)
        super().childEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Move and isinstance(watched, QTabBar):
            _let_be_reached(watched)
        return super().eventFilter(watched, event)


def _let_be_reached(bar: QTabBar) -> None:
    """Let the keyboard reach `bar` where it has tabs to choose from: Qt puts one with a single tab beside the window."""
    policy = Qt.FocusPolicy
    bar.setFocusPolicy(policy.TabFocus if bar.count() > 1 else policy.NoFocus)
