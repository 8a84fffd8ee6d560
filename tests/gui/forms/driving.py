"""What a person does to a form, for any type of field, and what may be entered there."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.forms.editors import ChoiceEditor, IntegerEditor, LogarithmicEditor, RealEditor, SwitchEditor, TextEditor
from gui.forms.rows import (
    CountEditor,
    EdgesEditor,
    ListEditor,
    NumbersEditor,
    OptionalEditor,
    PairEditor,
    SwitchesEditor,
    TicksEditor,
)
from gui.forms.variants import VariantEditor, carried
from gui.widgets.numbers import number_text
from models.experiment.fields import Choice, Field, FieldType, Integer, OneOf, Real, Row, Switch, Text


def legal(field: Field) -> list[object]:
    """A few contents that the field's declaration allows."""
    if isinstance(field.type, Row) and isinstance(field.type.item, OneOf):  # one that is added is like the last
        return [(field.default[-1],) * count for count in (field.type.least, field.type.least + 2)]
    contents = list(_legal(field.type))
    return [*contents, None, contents[0]] if field.optional else contents


def _legal(kind: FieldType) -> Iterator[object]:
    match kind:
        case Integer():
            yield from dict.fromkeys((kind.least, min(kind.most, max(kind.least, 0) + 7), kind.most))
        case Real():
            candidates = (kind.least, 0.25, 3e-4, 2.0, 12345.678, -1.5, kind.most)
            yield from dict.fromkeys(value for value in candidates if kind.contains(value))
        case Switch():
            yield from (True, False)
        case Choice():
            yield from kind.options
        case Text():
            yield from ("a_name", "b")
        case OneOf():
            yield from (carried(each, None) for each in dict.fromkeys((*kind.kinds[:2], kind.kinds[-1])))
        case Row(item=Choice(options=options)):
            yield from (options, options[1:3], options[:1])
        case Row(item=Row()):
            yield from (((1, 2), (3, 4), (5, 6))[: kind.length], ((0, 0),) * (kind.length or 1))
        case Row(item=Real()) if kind.length:
            yield from ((value,) * kind.length for value in _legal(kind.item))
        case Row() if kind.length:
            first = next(iter(_legal(kind.item)))
            most = kind.item.most if isinstance(kind.item, Integer) else 7
            yield from ((first,) * kind.length, tuple(min(number, most) for number in (3, 5, 7)[: kind.length]))
        case Row():
            items = tuple(_legal(kind.item))
            yield from (items[: kind.most], items[-1:] * max(kind.least, 1))


def illegal_texts(field: Field) -> list[str]:
    """A few things a person may type that the field's declaration does not allow."""
    return list(_illegal(field.type))


def _illegal(kind: FieldType) -> Iterator[str]:
    match kind:
        case Integer():
            yield from (str(kind.least - 1), str(kind.most + 1), "1.5", "many", "")
        case Real():
            bounds = (kind.least, kind.most, kind.least - 1, kind.most + 1)
            yield from (repr(float(bound)) for bound in bounds if not kind.contains(bound))
            yield from ("nan", "inf", "much", "1,5", "")
        case Text() if kind.pattern:
            yield from ("a b", "-a", "/", "")
        case Text() if kind.least_length:
            yield ""
        case Row(item=Integer() | Real()) if not kind.length:
            yield from ("a", "1,,2", "nan")
            yield from [""] if kind.least else []
            yield from [", ".join(["1"] * (kind.most + 1))] if kind.most and kind.most < 100 else []
            yield from (f"1, {text}" for text in _illegal(kind.item) if text and "," not in text)


def enter(editor, content) -> None:
    """Put `content` into the field as a person would."""
    match editor:
        case OptionalEditor():
            if editor.box.isChecked() != (content is not None):
                QTest.mouseClick(editor.box, Qt.MouseButton.LeftButton, pos=editor.box.rect().center())
            if content is not None:
                enter(editor.inner, content)
        case IntegerEditor():
            type_into(editor.spin, str(content))
        case RealEditor():
            type_into(editor.line, number_text(content))
        case LogarithmicEditor():
            type_into(editor.slider.number, number_text(content))
        case TextEditor():
            type_into(editor.line, content)
        case SwitchEditor():
            if editor.box.isChecked() != content:
                QTest.keyClick(editor.box, Qt.Key.Key_Space)
        case ChoiceEditor():
            choose(editor.combo, editor._options.index(content))
        case VariantEditor():
            choose(editor.combo, editor._index_of(content))
        case CountEditor():
            type_into(editor.spin, str(len(content)))
        case PairEditor():
            for spin, number in zip(editor.spins, content, strict=True):
                type_into(spin, str(number))
        case EdgesEditor():
            for pair, numbers in zip(editor.pairs, content, strict=True):
                enter(pair, numbers)
        case NumbersEditor():
            for line, number in zip(editor.lines, content, strict=False):
                type_into(line, number_text(number))
        case ListEditor():
            type_into(editor.line, ", ".join(str(item) for item in content))
        case SwitchesEditor():
            # What is to be on first: at least one stays on.
            for option, button in sorted(editor.buttons.items(), key=lambda pair: pair[0] not in content):
                if button.isChecked() != (option in content):
                    QTest.keyClick(button, Qt.Key.Key_Space)
        case TicksEditor():
            tick(editor, content)
        case _:
            raise TypeError(editor)


def shown(editor) -> object:
    """What the field shows, as a value."""
    match editor:
        case OptionalEditor():
            return shown(editor.inner) if editor.box.isChecked() else None
        case IntegerEditor():
            return editor.spin.value()
        case CountEditor():
            return editor.value
        case RealEditor() | TextEditor() | ListEditor():
            return editor.line._parse(editor.line.text())
        case LogarithmicEditor():
            return float(editor.slider.number.text())
        case SwitchEditor():
            return editor.box.isChecked()
        case ChoiceEditor():
            return editor._options[editor.combo.currentIndex()]
        case VariantEditor():
            entry = editor._entries[editor.combo.currentIndex()]
            return carried(entry, None) if isinstance(entry, type) else entry
        case PairEditor():
            return tuple(spin.value() for spin in editor.spins)
        case EdgesEditor():
            return tuple(shown(pair) for pair in editor.pairs)
        case NumbersEditor():
            return tuple(float(line.text()) for line in editor.lines if not line.isHidden())
        case SwitchesEditor():
            return tuple(option for option, button in editor.buttons.items() if button.isChecked())
        case TicksEditor():
            rows = [editor.list.item(row) for row in range(editor.list.count())]
            on = tuple(item.text() for item in rows if item.checkState() == Qt.CheckState.Checked)
            return None if editor._default_words and on == (editor._default_words,) else on
    raise TypeError(editor)


def line_of(editor):
    """The widget in which text is typed; none where nothing is."""
    match editor:
        case OptionalEditor():
            return line_of(editor.inner)
        case IntegerEditor():
            return editor.spin
        case RealEditor() | TextEditor() | ListEditor():
            return editor.line
        case LogarithmicEditor():
            return editor.slider.number
    return None


def type_into(widget, text: str, finish: bool = True) -> None:
    """Replace what stands in `widget` by typing, and press Enter."""
    QTest.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(widget, Qt.Key.Key_Delete)
    QTest.keyClicks(widget, text)
    if finish:
        QTest.keyClick(widget, Qt.Key.Key_Return)


def choose(combo, index: int) -> None:
    """Go to an entry with the arrow keys."""
    QTest.keyClick(combo, Qt.Key.Key_End if index > combo.count() / 2 else Qt.Key.Key_Home)
    for _ in range(combo.count()):
        if combo.currentIndex() == index:
            return
        QTest.keyClick(combo, Qt.Key.Key_Down if combo.currentIndex() < index else Qt.Key.Key_Up)
    raise AssertionError(f"cannot get to entry {index}")


def tick(editor: TicksEditor, content) -> None:
    """Tick and untick entries until `content` is chosen."""
    wanted = (editor._default_words,) if content is None else content
    for on in (True, False):
        for row in range(editor.list.count()):
            item = editor.list.item(row)
            checked = item.checkState() == Qt.CheckState.Checked
            if checked != on and (item.text() in wanted) == on:
                editor.list.setCurrentRow(row)
                QTest.keyClick(editor.list, Qt.Key.Key_Space)
