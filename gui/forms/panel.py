"""What the panels of the left column have in common: they scroll, and they put the focus into a field."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.forms.form import Form


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

    def focusNextPrevChild(self, forward: bool) -> bool:
        widget = QApplication.focusWidget()
        if self.form is None or widget is None or not self.form.isAncestorOf(widget):
            return super().focusNextPrevChild(forward)
        step = 1 if forward else -1
        order = [each for each in self.form.focus_order() if each is widget or _takes_tab(each)]
        index = order.index(widget) + step if widget in order else -1
        inside = order[index] if 0 <= index < len(order) else None
        found = inside or _outside(self.form, widget, forward) or order[0 if forward else -1]
        found.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
        if self.isAncestorOf(found):
            self.ensureWidgetVisible(found, 0, 40)
        return True


def _takes_tab(widget: QWidget) -> bool:
    reachable = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
    return reachable and widget.isVisible() and widget.isEnabled() and not widget.isWindow()


def _outside(form: Form, start: QWidget, forward: bool) -> QWidget | None:
    """The next widget of the window behind or before `form`; none where the form is all there is."""
    widget: QWidget | None = start
    while widget is not None:
        widget = widget.nextInFocusChain() if forward else widget.previousInFocusChain()
        if widget is start:
            return None
        if widget is not None and _takes_tab(widget) and not form.isAncestorOf(widget):
            return widget
    return None


def label(text: str, role: str) -> QLabel:
    """A wrapping label in one of the theme's looks; what is like a mark of HTML in a name or a path is shown as it is."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(True)
    return made
