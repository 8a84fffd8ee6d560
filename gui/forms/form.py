"""A form: a row for each field of a declaration, under the headings that the declaration names."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui.forms.editors import ChoiceEditor, Editor, IntegerEditor, LogarithmicEditor, RealEditor, SwitchEditor, TextEditor
from gui.forms.labels import brief, expected, field_label, field_tooltip
from gui.forms.rows import (
    CountEditor,
    EdgesEditor,
    ListEditor,
    OptionalEditor,
    PairEditor,
    SwitchesEditor,
    TicksEditor,
    starting_value,
)
from gui.forms.variants import VariantEditor
from gui.theme import current_theme
from gui.widgets.typed_line import mixed
from models.experiment.base import Value
from models.experiment.fields import (
    Choice,
    Field,
    Integer,
    OneOf,
    Part,
    Real,
    Row,
    Switch,
    Text,
    fields_of,
    item_fields,
    same,
)
from models.experiment.layers.base import Layer
from models.experiment.layers.cells import RecurrentCell

EditorMaker = Callable[[Field], Editor]
label_width = 100
_indent = 12
mark_width = 16


def make_editor(field: Field) -> Editor:
    """The editor that goes with a field's type."""
    match field.type:
        case OneOf():
            return VariantEditor(field.type, field.optional)
        case Row(item=Choice(options=options)) if field.optional:
            return TicksEditor(options, "by task")
    plain = _plain_editor(field)
    if not field.optional:
        return plain
    return OptionalEditor(plain, lambda: starting_value(field.type) if field.start is None else field.start, field.none)


def _plain_editor(field: Field) -> Editor:
    match field.type:
        case Integer():
            return IntegerEditor(field.type)
        case Real():
            return LogarithmicEditor(field.type) if field.logarithmic else RealEditor(field.type)
        case Switch():
            return SwitchEditor()
        case Choice():
            return ChoiceEditor(field.type)
        case Text():
            return TextEditor(field.type, f"Expected: {expected(field)}")
        case Row(item=OneOf()):
            return CountEditor(field.type)
        case Row(item=Choice()):
            return SwitchesEditor(field.type)
        case Row(item=Integer()) if field.type.length:
            return PairEditor(field.type)
        case Row(item=Row()):
            return EdgesEditor(field.type)
        case Row():
            return ListEditor(field.type)
    raise TypeError(f"no editor for {field.type!r}")


def commit_focused() -> None:
    """Hand out what is being typed in a form: to be called before the experiment is trained or saved by a shortcut."""
    widget = QApplication.focusWidget()
    while widget is not None and not isinstance(widget, Editor):
        widget = widget.parentWidget()
    if widget is not None:
        widget.commit()


class Form(QWidget):
    """Shows the fields of one value, or of several at once, and announces each change by the field's path and its new content."""

    edited = Signal(str, object)
    """(path such as ``optimizer.learning_rate``, new content)"""
    finished = Signal()
    """What comes next is another change, with an undo step of its own."""

    def __init__(
        self,
        fields: Sequence[Field],
        makers: Mapping[str, EditorMaker] | None = None,
        *,
        indent: int = 0,
        open_groups: dict[str, bool] | None = None,
    ) -> None:
        """`makers`: other editors for some fields, by path; `open_groups`: which headings a person opened or closed, kept up."""
        super().__init__()
        self.fields = tuple(fields)
        self._rows: dict[str, FieldRow] = {}
        self._groups: dict[str, Group] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(5)
        self._indent = indent
        # What a layer inside has to be set is long: behind it nobody would know whose the rows are.
        for field in sorted(self.fields, key=_holds_layer):
            row = FieldRow(field, makers or {}, indent, open_groups)
            row.edited.connect(self.edited)
            row.finished.connect(self.finished)
            self._rows[field.name] = row
            self._place(row, field, open_groups)
        for group in self._groups.values():
            self._layout.addWidget(group)

    def show_values(self, values: Sequence[Value | tuple[Value, ...]]) -> None:
        """Show these values, or rows of values, all of which have the form's fields; fields that differ show a dash."""
        for name, row in self._rows.items():
            row.show_contents([value[int(name)] if isinstance(value, tuple) else getattr(value, name) for value in values])
        for group in self._groups.values():
            group.show_summary()

    def row(self, name: str) -> "FieldRow":
        """The row of a field."""
        return self._rows[name]

    def group(self, title: str) -> "Group":
        """What stands under a heading."""
        return self._groups[title]

    def rows(self) -> Mapping[str, "FieldRow"]:
        """All rows by the field's name."""
        return self._rows

    def find_row(self, path: str) -> "FieldRow | None":
        """The row at a path of names, or the last that is there on the way to it."""
        name, _, rest = path.partition(".")
        row = self._rows.get(name)
        return row if row is None or not rest or row.nested is None else row.nested.find_row(rest) or row

    def focus_field(self, path: str) -> bool:
        """Put the focus into the field at `path`, opening its heading; false where there is no such field."""
        name, _, rest = path.partition(".")
        row = self._rows.get(name)
        if row is None:
            return False
        if row.field.group:
            self._groups[row.field.group].set_open(True)
        if rest and row.nested is not None and row.nested.focus_field(rest):
            return True
        if row.editor is not None:
            row.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def focus_order(self) -> list[QWidget]:
        """What the tabulator goes through, from top to bottom; Qt's own order is that in which widgets were made."""
        order = [widget for row in self._rows.values() if not row.field.group for widget in row.focus_order()]
        for title, group in self._groups.items():
            order.append(group.header)
            order += [widget for row in self._rows.values() if row.field.group == title for widget in row.focus_order()]
        return order

    def commit(self) -> None:
        """Hand out what is being typed in the form."""
        widget = QApplication.focusWidget()
        if widget is not None and self.isAncestorOf(widget):
            commit_focused()

    def _place(self, row: "FieldRow", field: Field, open_groups: dict[str, bool] | None) -> None:
        if not field.group:
            self._layout.addWidget(row)
            return
        if field.group not in self._groups:
            self._groups[field.group] = Group(field.group, open_groups if open_groups is not None else {}, self._indent)
        self._groups[field.group].add_row(row)


class FieldRow(QWidget):
    """A caption, a mark where the value is not the default, the editor, what is expected, and the fields of the chosen kind."""

    edited = Signal(str, object)
    finished = Signal()

    def __init__(self, field: Field, makers: Mapping[str, EditorMaker], indent: int, open_groups: dict[str, bool] | None) -> None:
        """`makers`: other editors for this field, by its name, or for those below it, by their paths."""
        super().__init__()
        self.field = field
        self._makers = makers
        self.nested: Form | None = None
        self._indent = indent
        self._open_groups = open_groups
        self._contents: list[object] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 8 if _holds_layer(field) else 0, 0, 0)
        self._column.setSpacing(5)
        self._hint = QLabel(self)
        self._hint.hide()
        self._reset = ResetMark(self)
        self.editor: Editor | None = None
        """None for a part, which is shown by its fields alone."""
        if not isinstance(field.type, Part):
            self.editor = makers.get(field.name, make_editor)(field)
            self._build_line(self.editor)

    def show_contents(self, contents: Sequence[object]) -> None:
        """Show what this field holds in one or several values."""
        self._contents = list(contents)
        content = contents[0] if all(same(content, contents[0]) for content in contents) else mixed
        if self.editor is not None:
            self.editor.show_value(content)
        self._reset.set_changed(self.changed)
        if self.changed:
            self._reset.setToolTip(f"Not the default. Click to go back to {brief(self.field.default)}.")
        self._show_nested(contents)

    @property
    def changed(self) -> bool:
        """Whether the field has a default and holds something else."""
        return not self.field.required and any(not same(content, self.field.default) for content in self._contents)

    @property
    def summary(self) -> str:
        """The field's caption and content in a few words."""
        return f"{field_label(self.field)} {brief(self._contents[0])}" if self._contents else ""

    @property
    def empty(self) -> bool:
        """Whether the field may hold none, and does."""
        return self.field.optional and all(content is None for content in self._contents)

    def add_below(self, widget: QWidget, indented: bool = True) -> None:
        """Put a widget under the editor, in its column or over the whole width."""
        holder = QHBoxLayout()
        holder.setContentsMargins(label_width + mark_width if indented else 0, 0, 0, 0)
        holder.addWidget(widget)
        self._column.insertLayout(1, holder)

    def focus_order(self) -> list[QWidget]:
        """What the tabulator goes through in this row, and in the fields of the chosen kind."""
        inside = self.editor.findChildren(QWidget) if self.editor is not None else []
        return [self._reset, *inside, *(self.nested.focus_order() if self.nested is not None else [])]

    def reset(self) -> None:
        """Go back to the default."""
        self._announce(self.field.default)
        self.finished.emit()

    def _build_line(self, editor: Editor) -> None:
        label = QLabel(field_label(self.field))
        label.setProperty("role", "muted")
        label.setWordWrap(True)
        label.setFixedWidth(label_width - self._indent)
        label.setBuddy(editor)
        tooltip = field_tooltip(self.field)
        label.setToolTip(tooltip)
        self._describe(editor, tooltip)
        line = QHBoxLayout()
        line.setContentsMargins(self._indent, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(label)
        line.addWidget(self._reset)
        self._column.addLayout(line)
        if editor.wide:
            line.addStretch(1)
            below = QHBoxLayout()
            below.setContentsMargins(self._indent, 0, 0, 0)
            below.addWidget(editor)
            self._column.addLayout(below)
        else:
            line.addWidget(editor, 1)
        self._hint.setProperty("role", "error")
        self._hint.setWordWrap(True)
        self._column.addWidget(self._hint)
        self._reset.clicked.connect(self.reset)
        editor.edited.connect(self._announce)
        editor.finished.connect(self.finished)
        editor.hint_changed.connect(self._show_hint)

    def _describe(self, editor: Editor, tooltip: str) -> None:
        target = editor.focusProxy() or editor
        self._reset.setAccessibleName(f"Reset {field_label(self.field)}")
        for widget in dict.fromkeys((editor, target, *editor.findChildren(QWidget))):
            if not isinstance(widget, QLabel):
                own, label = widget.accessibleName(), field_label(self.field)
                widget.setAccessibleName(f"{label}: {own}" if own else label)
                widget.setAccessibleDescription(self.field.description)
            if not widget.toolTip():
                widget.setToolTip(tooltip)

    def _announce(self, content: object) -> None:
        self.edited.emit(self.field.name, content)

    def _announce_nested(self, path: str, content: object) -> None:
        self.edited.emit(f"{self.field.name}.{path}", content)

    def _show_hint(self, hint: str) -> None:
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))

    def _show_nested(self, contents: Sequence[object]) -> None:
        """Show the fields of what there is, where all have the same; a form that still fits stays as it is."""
        fields = self._fields_below(contents)
        if self.nested is not None and self.nested.fields != fields:
            _discard(self.nested)
            self.nested = None
        if fields and self.nested is None:
            indent = self._indent if isinstance(self.field.type, Part) else self._indent + _indent
            start = f"{self.field.name}."
            inside = {path.removeprefix(start): maker for path, maker in self._makers.items() if path.startswith(start)}
            self.nested = Form(fields, inside, indent=indent, open_groups=self._open_groups)
            self.nested.edited.connect(self._announce_nested)
            self.nested.finished.connect(self.finished)
            self._column.addWidget(self.nested)
        if self.nested is not None:
            self.nested.show_values([content for content in contents if isinstance(content, Value | tuple)])

    def _fields_below(self, contents: Sequence[object]) -> tuple[Field, ...]:
        """The fields of the chosen kind, or the values of a row that have some; none where the `contents` differ in that."""
        if isinstance(self.field.type, Row) and isinstance(self.field.type.item, OneOf):
            counts = {len(content) for content in contents if isinstance(content, tuple)}
            return item_fields(self.field, counts.pop()) if len(counts) == 1 else ()
        kinds = {type(content) for content in contents}
        kind = kinds.pop() if len(kinds) == 1 else None
        all_fields = fields_of(kind) if kind is not None and issubclass(kind, Value) else ()
        return tuple(field for field in all_fields if not field.own_control)


def _holds_layer(field: Field) -> bool:
    return isinstance(field.type, OneOf) and any(issubclass(kind, Layer | RecurrentCell) for kind in field.type.kinds)


def _discard(form: Form) -> None:
    """Take a form away without letting it hand out anything more."""
    form.blockSignals(True)
    form.hide()
    form.setParent(None)
    form.deleteLater()


class Group(QWidget):
    """Rows under a heading that opens and closes them; closed, it says what is set."""

    def __init__(self, title: str, open_groups: dict[str, bool], indent: int = 0) -> None:
        """`open_groups` remembers what a person opened and closed, by title, beyond the life of this widget."""
        super().__init__()
        self._title = title
        self._remembered = open_groups
        self._rows: list[FieldRow] = []
        self.header = Heading(title)
        self.header.clicked.connect(self._toggle)
        self._summary = QLabel()
        self._summary.setProperty("role", "small")
        self._summary.setWordWrap(True)
        self._body = QWidget()
        self._body_layout = QVBoxLayout(self._body)
        self._body_layout.setContentsMargins(0, 0, 0, 0)
        self._body_layout.setSpacing(5)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(3)
        head = QVBoxLayout()
        head.setContentsMargins(indent, 0, 0, 0)
        head.setSpacing(3)
        for widget in (self.header, self._summary):
            head.addWidget(widget)
        column.addLayout(head)
        column.addWidget(self._body)
        self._open = True

    @property
    def open(self) -> bool:
        """Whether the rows are shown."""
        return self._open

    @property
    def summary(self) -> str:
        """What is not at its default, in a few words."""
        return " · ".join(row.summary for row in self._rows if row.changed)

    def add_row(self, row: FieldRow) -> None:
        """Add a field."""
        self._rows.append(row)
        self._body_layout.addWidget(row)

    def add_footer(self, widget: QWidget) -> None:
        """Add what belongs below the fields."""
        self._body_layout.addWidget(widget)

    def show_summary(self) -> None:
        """Bring the summary up to date; a group that nobody touched is closed as long as nothing in it is set."""
        nothing_set = all(row.empty for row in self._rows)
        self._show_open(self._remembered.get(self._title, not nothing_set or (self._open and self._has_focus())))

    def set_open(self, open_: bool) -> None:
        """Show or hide the rows, and remember it."""
        self._remembered[self._title] = open_
        self._show_open(open_)

    def _toggle(self) -> None:
        self.set_open(not self._open)

    def _has_focus(self) -> bool:
        widget = QApplication.focusWidget()
        return widget is not None and self.isAncestorOf(widget)

    def _show_open(self, open_: bool) -> None:
        self._open = open_
        self.header.set_open(open_)
        self._body.setVisible(open_)
        nothing = "nothing set" if all(row.empty for row in self._rows) else "all at their defaults"
        self._summary.setText(self.summary or nothing)
        self._summary.setVisible(not open_)


class Heading(QAbstractButton):
    """The line above a group: its title in capitals, and an arrow that tells whether it is open."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._open = True
        self.setText(title)
        self.setAccessibleName(title)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        font = self.font()
        font.setPixelSize(11)
        font.setWeight(QFont.Weight.Medium)
        font.setCapitalization(QFont.Capitalization.AllUppercase)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.5)
        self.setFont(font)

    def set_open(self, open_: bool) -> None:
        """Turn the arrow."""
        self._open = open_
        self.setToolTip("Close" if open_ else "Open")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 24, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        painter.setPen(QColor(theme.text if self.underMouse() else theme.muted))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        x, y = self.width() - 9.0, self.height() / 2
        corners = [(-4, -2), (0, 2), (4, -2)] if self._open else [(-2, -4), (2, 0), (-2, 4)]
        painter.drawPolyline([QPointF(x + across, y + down) for across, down in corners])
        if self.hasFocus():
            painter.setPen(QColor(theme.accent))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(-0.5, 0.5, -0.5, -0.5), 3, 3)


class ResetMark(QAbstractButton):
    """A dot beside a value that is not the default; a click goes back to it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(mark_width, 22)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._changed = False
        self.set_changed(False)

    def set_changed(self, changed: bool) -> None:
        """Show the mark, or leave its place empty."""
        self._changed = changed
        self.setEnabled(changed)
        self.setCursor(Qt.CursorShape.PointingHandCursor if changed else Qt.CursorShape.ArrowCursor)
        if not changed:
            self.setToolTip("")
        self.update()

    def sizeHint(self) -> QSize:
        return self.size()

    def enterEvent(self, event: Any) -> None:  # noqa: ANN401
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: Any) -> None:  # noqa: ANN401
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._changed:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(current_theme().accent)
        if self.underMouse() or self.hasFocus():
            painter.setPen(colour)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "↺")
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(self.width() / 2 - 2.5, self.height() / 2 - 2.5, 5, 5))
