"""Choosing between the kinds of value that may stand in a field."""

from gui.forms.combo import Combo
from gui.forms.editors import Content, Editor
from gui.forms.labels import kind_label, kind_tooltip, presets
from gui.widgets.typed_line import mixed
from models.experiment.base import Value, Variant
from models.experiment.edits import base_name
from models.experiment.fields import OneOf, changed_fields, fields_of, new
from models.experiment.layers.base import Layer


def carried(kind: type[Variant], old: Value | None) -> Value:
    """A new value of this kind that keeps what was set by hand in `old`, as far as both have the same field."""
    kept: dict[str, object] = {}
    if old is not None:
        types = {field.name: (field.type, field.optional) for field in fields_of(kind)}
        kept = {
            field.name: content for field, content in changed_fields(old) if types.get(field.name) == (field.type, field.optional)
        }
    if issubclass(kind, Layer):  # one inside another; called after what it is
        kept["name"] = base_name(kind)
    return new(kind, **kept)


class VariantEditor(Editor):
    """The kind of a value, in a combo box; “none” comes first where there may be none."""

    def __init__(self, kind: OneOf, optional: bool) -> None:
        super().__init__()
        self._value: Value | None = None
        self.combo = Combo()
        self._entries: list[type[Variant] | Variant | None] = [None] if optional else []
        if optional:
            self.combo.add_entry("none")
        on_or_off = optional and len(kind.kinds) == 1  # the name of the only kind says what the field's own says
        for each in kind.kinds:
            self._entries.append(each)
            self.combo.add_entry(kind_label(each), kind_tooltip(each), "on" if on_or_off else each.identifier())
            for label, preset in presets.items():
                if type(preset) is each:
                    self._entries.append(preset)
                    self.combo.add_entry(label, kind_tooltip(each))
        self._add(self.combo)
        self.combo.activated.connect(self._take_index)

    def show_value(self, value: Content) -> None:
        self._value = None if value is mixed else value
        self.combo.show_index(-1 if value is mixed else self._index_of(value))

    def _index_of(self, value: Variant | None) -> int:
        if value is not None and value in self._entries:
            return self._entries.index(value)
        return self._entries.index(None if value is None else type(value))

    def _take_index(self, index: int) -> None:
        entry = self._entries[index]
        if entry is None or isinstance(entry, Variant):
            self._hand_out(entry)
        elif type(self._value) is not entry or self._value in self._entries:
            self._hand_out(new(entry) if type(self._value) is entry else carried(entry, self._value))
