"""What the panels of the left column have in common: they scroll, and they put the focus into a field."""

from collections.abc import Iterator

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QLayout, QScrollArea, QVBoxLayout, QWidget

from gui.forms.form import Form
from gui.tab_order import go, takes_tab


class FormPanel(QScrollArea):
    """A column that scrolls up and down only, with a form in it."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(250)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = QWidget()
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(14, 12, 14, 14)
        self.column.setSpacing(6)
        self.setWidget(content)

    @property
    def form(self) -> Form | None:
        """The form that is shown, if there is one."""
        raise NotImplementedError

    def focus_field(self, path: str) -> None:
        """Put the focus into the field at `path` and bring it into view."""
        if self.form is not None and self.form.focus_field(path):
            self.bring_focus_into_view()

    def bring_focus_into_view(self) -> None:
        """Scroll to the field that has the focus, if one of the form has."""
        # A group that was just opened has no place before the layouts have had their say.
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        widget = QApplication.focusWidget()
        if self.form is not None and widget is not None and self.form.isAncestorOf(widget):
            self.ensureWidgetVisible(widget, 0, 40)

    def tab_stops(self) -> list[QWidget]:
        """What the Tab key stops at, from top to bottom."""
        return [each for each in _in_order(self.column, self.form) if takes_tab(each)]

    def focusNextPrevChild(self, forward: bool) -> bool:
        found = go(self.tab_stops(), QApplication.focusWidget(), forward)
        if found is None:
            return super().focusNextPrevChild(forward)
        self.ensureWidgetVisible(found, 0, 40)
        return True


def _in_order(layout: QLayout, form: Form | None) -> Iterator[QWidget]:
    """All widgets of `layout` in the order in which they are seen."""
    for item in filter(None, map(layout.itemAt, range(layout.count()))):
        inner, widget = item.layout(), item.widget()
        if inner is not None:
            yield from _in_order(inner, form)
        elif form is not None and widget is form:
            yield from form.focus_order()
        elif widget is not None:
            yield from (widget, *widget.findChildren(QWidget))


def label(text: str, role: str) -> QLabel:
    """A wrapping label in one of the theme's looks; what is like a mark of HTML in a name or a path is shown as it is."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(True)
    return made
