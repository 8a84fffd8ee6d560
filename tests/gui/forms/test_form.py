"""Forms of every declaration: what is entered arrives, what is not legal does not, and a new value is shown in place."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from gui.forms import Form, commit_focused
from gui.forms.combo import Combo, _short_role
from gui.forms.variants import carried
from models.experiment import edits
from models.experiment.activations import Activation, LeakyRelu, Relu, Tanh
from models.experiment.class_weights import ClassWeight
from models.experiment.experiment import Experiment
from models.experiment.fields import OneOf, field_of, fields_of, kinds_in, new
from models.experiment.initializers import HeNormal, Initializer, RandomNormal, TruncatedNormal
from models.experiment.layers import RNN, AnyLayer, Conv2D, Dense, EinsumDense, MaxPooling2D
from models.experiment.layers.cells import Cell, GRUCell, LSTMCell, SimpleRNNCell, StackedRNNCells
from models.experiment.losses import Loss
from models.experiment.optimizers import SGD, Adam, Optimizer
from models.experiment.regularizers import L1L2, L2, Constraint, Regularizer
from models.experiment.rules import EarlyStopping, ReduceLROnPlateau
from models.experiment.schedules import Schedule
from models.experiment.starter import default_experiment
from models.storage.codec import validated
from tests.gui.forms.driving import choose, enter, illegal_texts, legal, line_of, shown, type_into
from tests.strategies import start

Rules = EarlyStopping | ReduceLROnPlateau
unions = (AnyLayer, Cell, Activation, Initializer, Regularizer, Constraint, Loss, Optimizer, Schedule, ClassWeight, Rules)
kinds = [kind for union in unions for kind in kinds_in(union) if fields_of(kind)]


def ids(kind) -> str:
    return kind.__name__


class Holder:
    """Shows a value in a form and takes over what is entered, as a panel does."""

    def __init__(self, qtbot, value, fields=None):
        self.window = QWidget()
        self.form = Form(fields or fields_of(type(value)), open_groups={})
        self.other = QLineEdit()
        layout = QVBoxLayout(self.window)
        layout.addWidget(self.form)
        layout.addWidget(self.other)
        self.edits: list[tuple[str, object]] = []
        self.finishes = 0
        self.form.edited.connect(self._take)
        self.form.finished.connect(self._count)
        self.show(value)
        qtbot.addWidget(self.window)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)

    def show(self, value):
        self.value = value
        self.form.show_values([value])

    def editor(self, path):
        return self.form.find_row(path).editor

    def _take(self, path, content):
        self.edits.append((path, content))
        self.show(validated(edits.set_at(self.value, path, content)))

    def _count(self):
        self.finishes += 1


@pytest.mark.parametrize("kind", kinds, ids=ids)
def test_what_is_legal_arrives_and_is_shown_again(qtbot, kind):
    holder = Holder(qtbot, start(kind))
    for field in fields_of(kind):
        before = holder.value
        for content in legal(field):
            enter(holder.editor(field.name), content)
            assert getattr(holder.value, field.name) == content, field.name
            assert shown(holder.editor(field.name)) == content, field.name
        holder.show(before)
        content = getattr(before, field.name)
        assert content == shown(holder.editor(field.name)) or isinstance(field.type, OneOf)


@pytest.mark.parametrize("kind", kinds, ids=ids)
def test_what_is_not_legal_does_not_arrive(qtbot, kind):
    holder = Holder(qtbot, start(kind))
    for field in fields_of(kind):
        if field.optional:
            enter(holder.editor(field.name), legal(field)[0])
        line = line_of(holder.editor(field.name))
        holder.edits.clear()
        value, text = holder.value, line.text() if line else ""
        for wrong in illegal_texts(field) if line else ():
            line.setFocus()
            type_into(line, wrong, finish=False)
            row = holder.form.row(field.name)
            assert row._hint.text(), (field.name, wrong)
            QTest.keyClick(line, Qt.Key.Key_Return)
            holder.other.setFocus()
            assert holder.value == value, (field.name, wrong)
            assert line.text() == text, (field.name, wrong)
            assert not row._hint.text()
        assert not holder.edits


def test_every_field_of_the_training_arrives(qtbot):
    experiment = default_experiment()
    holder = Holder(qtbot, experiment, [field_of(Experiment, name) for name in ("training", "seed", "name")])
    for name in (field.name for field in fields_of(type(experiment.training)) if field.name not in ("loss", "optimizer")):
        for content in legal(field_of(type(experiment.training), name)):
            enter(holder.editor(f"training.{name}"), content)
            assert getattr(holder.value.training, name) == content


def test_only_another_kind_rebuilds_the_fields_below(qtbot):
    holder = Holder(qtbot, new(Dense, name="dense", activation=LeakyRelu()))
    nested = holder.form.row("activation").nested
    holder.show(new(Dense, name="dense", activation=LeakyRelu(negative_slope=0.1)))
    assert holder.form.row("activation").nested is nested
    assert shown(holder.editor("activation.negative_slope")) == 0.1
    holder.show(new(Dense, name="dense", activation=Relu()))
    assert holder.form.row("activation").nested is not nested
    holder.show(new(Dense, name="dense", activation=Tanh()))
    assert holder.form.row("activation").nested is None


def test_another_kind_keeps_what_was_set_by_hand(qtbot):
    holder = Holder(qtbot, new(Dense, name="dense", kernel_regularizer=L2(l2=0.5)))
    enter(holder.editor("kernel_regularizer"), L1L2())
    assert holder.value.kernel_regularizer == L1L2(l2=0.5)
    assert carried(SGD, Adam(learning_rate=0.03, clipnorm=1.0)) == SGD(learning_rate=0.03, clipnorm=1.0)
    assert carried(SGD, Adam()) == SGD()
    assert carried(TruncatedNormal, RandomNormal(stddev=0.2)) == TruncatedNormal(stddev=0.2)


def test_each_of_several_cells_has_a_kind_and_fields_of_its_own(qtbot):
    holder = Holder(qtbot, new(RNN, name="rnn", cell=StackedRNNCells(cells=(LSTMCell(units=3), GRUCell(units=4)))))
    enter(holder.editor("cell.cells.1.units"), 7)
    enter(holder.editor("cell.cells.0"), SimpleRNNCell(units=3))
    assert holder.value.cell.cells == (SimpleRNNCell(units=3), GRUCell(units=7))
    enter(holder.editor("cell.cells"), (None,) * 3)
    assert holder.value.cell.cells == (SimpleRNNCell(units=3), GRUCell(units=7), GRUCell(units=7))
    enter(holder.editor("cell.cells"), (None,))
    assert holder.value.cell.cells == (SimpleRNNCell(units=3),)
    assert set(holder.form.find_row("cell.cells").nested.rows()) == {"0"}


def test_sizes_that_are_not_known_are_typed_as_question_marks(qtbot):
    holder = Holder(qtbot, new(EinsumDense, name="einsum"))
    type_into(holder.editor("output_shape").line, "?, 5")
    assert holder.value.output_shape == (None, 5)
    assert holder.editor("output_shape").line.text() == "?, 5"


def test_small_random_is_an_entry_of_its_own(qtbot):
    holder = Holder(qtbot, new(Dense, name="dense"))
    combo = holder.editor("kernel_initializer").combo
    labels = [combo.itemText(index) for index in range(combo.count())]
    assert {"small random (σ 0.01)", "1/√n (lecun_normal)", "Xavier (glorot_uniform)", "he_normal"} <= set(labels)
    choose(combo, labels.index("small random (σ 0.01)"))
    assert holder.value.kernel_initializer == RandomNormal(stddev=0.01)
    enter(holder.editor("kernel_initializer.stddev"), 0.02)
    assert combo.currentText() == "random_normal"
    holder.show(new(Dense, name="dense", kernel_initializer=RandomNormal(stddev=0.01)))
    assert combo.currentText() == "small random (σ 0.01)"
    choose(combo, labels.index("random_normal"))
    assert holder.value.kernel_initializer == RandomNormal()


def test_kinds_explain_themselves(qtbot):
    holder = Holder(qtbot, new(Dense, name="dense"))
    combo = holder.editor("kernel_initializer").combo
    assert "relu" in combo.itemData(combo.findText("he_normal"), Qt.ItemDataRole.ToolTipRole)
    label = "Penalty on the weights"
    assert label in holder.editor("kernel_regularizer").toolTip()
    assert "kernel_regularizer" in holder.editor("kernel_regularizer").toolTip()


@pytest.mark.parametrize(("rule", "short"), [("early_stopping", "on"), ("class_weight", "balanced"), ("schedule", "CosineDecay")])
def test_where_there_is_one_kind_only_the_narrow_box_says_that_it_is_on(qtbot, rule, short):
    holder = Holder(qtbot, default_experiment().training)
    combo = holder.editor(rule).combo
    assert combo.itemData(1, _short_role) == short


def test_long_names_with_the_same_beginning_differ_in_the_narrow_box(qtbot):
    combo = Combo()
    qtbot.addWidget(combo)
    seen = set()
    for name in ("categorical_hinge", "categorical_crossentropy"):
        combo.add_entry(name)
        combo.setCurrentIndex(combo.count() - 1)
        combo.resize(105, 26)
        seen.add(combo.closed_text)
    assert len(seen) == 2
    assert "categorical_hinge" not in seen


def test_a_mark_leads_back_to_the_default(qtbot):
    holder = Holder(qtbot, new(Dense, name="dense", kernel_initializer=HeNormal()))
    mark = holder.form.row("kernel_initializer")._reset
    assert mark.isEnabled()
    assert not holder.form.row("units")._reset.isEnabled()
    assert not holder.form.row("bias_initializer")._reset.isEnabled()
    QTest.mouseClick(mark, Qt.MouseButton.LeftButton)
    assert holder.value == new(Dense, name="dense")
    assert not mark.isEnabled()


def test_a_new_value_leaves_focus_cursor_and_what_is_typed_alone(qtbot):
    holder = Holder(qtbot, new(Dense, name="dense"))
    line = holder.editor("name").line
    line.setFocus()
    line.setCursorPosition(2)
    holder.show(new(Dense, name="dense", units=3))
    assert line.hasFocus()
    assert line.cursorPosition() == 2
    QTest.keyClicks(line, "x")
    holder.show(new(Dense, name="dense", units=4))
    assert line.text() == "dexnse"
    holder.show(new(Dense, name="hidden", units=4))
    assert line.text() == "hidden"


def test_escape_takes_back_what_is_typed(qtbot):
    holder = Holder(qtbot, new(Dense, name="dense"))
    for path, text in (("name", "dense"), ("units", "16")):
        line = line_of(holder.editor(path))
        type_into(line, "7 7", finish=False)
        QTest.keyClick(line, Qt.Key.Key_Escape)
        assert line.text() == text
    assert not holder.edits


def test_what_is_typed_is_handed_out_when_the_field_is_left_or_on_demand(qtbot):
    holder = Holder(qtbot, new(Dense, name="dense"))
    for leave in (holder.other.setFocus, commit_focused):
        for path, text, content in (("name", "first", "first"), ("units", "5", 5)):
            line = line_of(holder.editor(path))
            line.setFocus()
            type_into(line, text, finish=False)
            leave()
            assert getattr(holder.value, path) == content
        holder.show(new(Dense, name="dense"))


def test_undo_belongs_to_the_document_unless_something_is_typed(qtbot):
    holder = Holder(qtbot, new(Dense, name="dense"))
    undone = []
    action = holder.window.addAction("Undo")
    action.setShortcut(QKeySequence.StandardKey.Undo)
    action.triggered.connect(lambda: undone.append(True))
    for number, path in enumerate(("name", "units"), 1):
        line = line_of(holder.editor(path))
        line.setFocus()
        QTest.keySequence(line, QKeySequence.StandardKey.Undo)
        assert len(undone) == number
        type_into(line, "3", finish=False)
        QTest.keySequence(line, QKeySequence.StandardKey.Undo)
        assert len(undone) == number
        QTest.keyClick(line, Qt.Key.Key_Escape)


def test_arrow_keys_are_one_change_until_the_field_is_left(qtbot):
    holder = Holder(qtbot, new(Dense, name="dense"))
    spin = holder.editor("units").spin
    spin.setFocus()
    for _ in range(3):
        QTest.keyClick(spin, Qt.Key.Key_Up)
    assert holder.value.units == 19
    assert [path for path, _ in holder.edits] == ["units"] * 3
    assert holder.finishes == 0
    holder.other.setFocus()
    assert holder.finishes > 0


def test_the_wheel_changes_only_what_has_the_focus(qtbot):
    holder = Holder(qtbot, new(Dense, name="dense", kernel_regularizer=L2()))
    holder.other.setFocus()
    for path in ("units", "activation"):
        target = holder.editor(path).focusProxy()
        qtbot.mouseMove(target)
        wheel(target)
    assert not holder.edits
    spin = holder.editor("units").spin
    spin.setFocus()
    wheel(spin)
    assert holder.value.units == 17


def wheel(widget, delta: int = 120) -> None:
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    centre = QPointF(widget.rect().center())
    event = QWheelEvent(
        centre,
        widget.mapToGlobal(centre),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_several_values_show_a_dash_where_they_differ(qtbot):
    holder = Holder(qtbot, new(Conv2D, name="conv"))
    first = new(Conv2D, name="conv")
    other = new(Conv2D, name="conv_1", filters=3, kernel_size=(5, 3), activation=Relu(), use_bias=False)
    holder.form.show_values([first, other])
    assert holder.editor("filters").spin.text() == "—"
    assert holder.editor("name").line.placeholderText() == "—"
    assert holder.editor("activation").combo.currentIndex() == -1
    assert holder.editor("use_bias").box.checkState() == Qt.CheckState.PartiallyChecked
    assert holder.editor("padding").combo.currentText() == "valid"
    assert not holder.edits
    QTest.keyClick(holder.editor("use_bias").box, Qt.Key.Key_Space)
    assert holder.edits == [("use_bias", True)]


def test_typing_over_a_dash(qtbot):
    holder = Holder(qtbot, new(Dense, name="dense"))
    holder.form.show_values([new(Dense, name="dense"), new(Dense, name="dense", units=3)])
    enter(holder.editor("units"), 16)
    assert holder.edits == [("units", 16)]
    assert holder.editor("units").spin.text() == "16"


def test_a_closed_heading_says_what_is_set(qtbot):
    holder = Holder(qtbot, new(Dense, name="dense"))
    group = holder.form.group("Regularization")
    assert not group.open
    assert group._summary.text() == "nothing set"
    holder.show(new(Dense, name="dense", kernel_regularizer=L2(l2=0.001)))
    assert group.open
    QTest.mouseClick(group.header, Qt.MouseButton.LeftButton)
    assert not group.open
    assert group._summary.text() == "Kernel l2 0.001"
    assert holder.form.focus_field("kernel_regularizer.l2")
    assert group.open
    assert holder.editor("kernel_regularizer.l2").slider.number.hasFocus()
    assert not holder.form.focus_field("nothing")


def test_optional_pairs_start_with_a_plain_value(qtbot):
    holder = Holder(qtbot, new(MaxPooling2D, name="pool"))
    editor = holder.editor("strides")
    QTest.mouseClick(editor.box, Qt.MouseButton.LeftButton, pos=editor.box.rect().center())
    assert holder.value.strides == (1, 1)
    enter(editor, (2, 3))
    assert holder.value == replace(new(MaxPooling2D, name="pool"), strides=(2, 3))
