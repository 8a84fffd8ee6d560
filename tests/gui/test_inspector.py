"""The inspector: what is changed there reaches the document, and what the document says is shown."""

from typing import get_args

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from gui.document import Document
from gui.forms.form import Form
from gui.inspector import Inspector, kept_forms, most_named
from gui.layer_now import LayerNow
from gui.theme import apply_theme, dark, light
from models.data.loading import read_facts
from models.experiment import edits
from models.experiment.activations import LeakyRelu, Relu, Sigmoid, Tanh
from models.experiment.fields import kinds_in
from models.experiment.initializers import Constant, HeNormal
from models.experiment.layers import RNN, AnyLayer, BatchNormalization, Conv2D, Dense, Dropout, Maxout, ReLU
from models.experiment.layers.base import Family
from models.experiment.starter import default_experiment
from models.telemetry.diagnosis import diagnose
from models.telemetry.events import Histogram, LayerProbe
from tests.gui.forms.driving import enter, line_of, shown, type_into


@pytest.fixture
def document():
    return Document(default_experiment(), read_facts)


@pytest.fixture
def inspector(qtbot, document):
    inspector = Inspector(document)
    qtbot.addWidget(inspector)
    inspector.resize(290, 800)
    inspector.show()
    inspector.activateWindow()
    qtbot.waitUntil(inspector.isActiveWindow)
    return inspector


def editor(inspector, path):
    return inspector.form.find_row(path).editor


def layer(document, name):
    return next(layer for layer in document.experiment.network if layer.name == name)


def with_layers(document, *layers):
    document.apply("Set up", edits.with_network(document.experiment, layers))


@pytest.mark.parametrize("family", get_args(Family))
def test_every_kind_of_layer_has_a_form(inspector, document, family):
    network = document.experiment.network
    for kind in (each for each in kinds_in(AnyLayer) if each.family == family):
        added = edits.new_layer(kind, network)
        document.apply("Add", edits.with_network(document.experiment, (*network, added)))
        inspector.show_layers((added.name,))
        assert inspector.heading.text() == f"{kind.kind().upper()} · {kind.family}"
        assert inspector.form.rows(), kind
        gated = kind.kind() in ("LSTM", "GRU", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
        function = Tanh() if gated else added.non_linearity
        assert inspector.curve.function == function, kind
        assert inspector.curve.isHidden() == (function is None), kind


def test_a_change_is_one_named_undo_step(inspector, document):
    before = document.experiment
    inspector.show_layers(("dense",))
    enter(editor(inspector, "units"), 5)
    assert layer(document, "dense").units == 5
    assert document.undo_text == "Change units of dense"
    QTest.keyClick(editor(inspector, "activation").combo, Qt.Key.Key_Down)
    assert layer(document, "dense").activation == LeakyRelu()
    document.undo()
    assert layer(document, "dense").activation == Relu()
    document.undo()
    assert document.experiment == before
    assert shown(editor(inspector, "units")) == before.network[0].units


def test_arrow_keys_in_a_row_are_undone_at_once(inspector, document):
    inspector.show_layers(("dense",))
    spin = editor(inspector, "units").spin
    spin.setFocus()
    for _ in range(4):
        QTest.keyClick(spin, Qt.Key.Key_Up)
    assert layer(document, "dense").units == 20
    document.undo()
    assert layer(document, "dense").units == 16
    assert document.undo_text is None


def test_a_new_name_stays_unique_and_selected(inspector, document):
    inspector.show_layers(("dense",))
    enter(editor(inspector, "name"), "dense_1")
    assert [layer.name for layer in document.experiment.network] == ["dense_2", "dense_1", "output"]
    assert inspector.names == ("dense_2",)
    assert editor(inspector, "name").line.text() == "dense_2"
    assert document.undo_text == "Rename dense"
    enter(editor(inspector, "name"), "input")
    assert inspector.names == ("input_1",)


def test_ctrl_z_in_a_field_is_the_document_s(inspector, document):
    action = inspector.addAction("Undo")
    action.setShortcut(QKeySequence.StandardKey.Undo)
    action.triggered.connect(document.undo)
    inspector.show_layers(("dense",))
    spin = editor(inspector, "units").spin
    spin.setFocus()
    QTest.keyClick(spin, Qt.Key.Key_Up)
    QTest.keySequence(spin, QKeySequence.StandardKey.Undo)
    assert layer(document, "dense").units == 16
    assert spin.hasFocus()


def test_what_is_typed_belongs_to_the_layer_it_was_typed_for(inspector, document):
    inspector.show_layers(("dense",))
    spin = line_of(editor(inspector, "units"))
    spin.setFocus()
    type_into(spin, "7", finish=False)
    inspector.show_layers(("dense_1",))
    assert [layer.units for layer in document.experiment.network] == [7, 16, 1]
    assert shown(editor(inspector, "units")) == 16


def test_layers_of_one_kind_are_changed_together(inspector, document):
    inspector.show_layers(("dense", "output"))
    assert inspector.heading.text() == "2 × DENSE · core"
    assert "name" not in inspector.form.rows()
    assert editor(inspector, "units").spin.text() == "—"
    enter(editor(inspector, "units"), 3)
    assert [layer.units for layer in document.experiment.network] == [3, 16, 3]
    assert document.undo_text == "Change units of 2 layers"
    document.undo()
    assert editor(inspector, "units").spin.text() == "—"
    enter(editor(inspector, "activation"), Sigmoid())
    assert [type(layer.activation) for layer in document.experiment.network] == [Sigmoid, Relu, Sigmoid]


def test_layers_of_different_kinds_share_what_they_have_in_common(inspector, document):
    with_layers(document, Dense(name="dense", units=4), Maxout(name="maxout", units=4), Dropout(name="dropout", rate=0.1))
    inspector.show_layers(("dense", "maxout"))
    assert set(inspector.form.rows()) == {
        "units", "use_bias", "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer", "trainable",
    }  # fmt: skip
    enter(editor(inspector, "units"), 9)
    assert [layer.units for layer in document.experiment.network[:2]] == [9, 9]
    inspector.show_layers(("dense", "dropout"))
    assert inspector.form is None


def test_a_layer_that_is_gone_leaves_the_network(inspector, document):
    inspector.show_layers(("dense",))
    document.apply("Delete", edits.with_network(document.experiment, document.experiment.network[1:]))
    assert inspector.form is None
    assert inspector.heading.text() == "NETWORK"
    assert "2 layers" in inspector.summary.text()


@pytest.mark.parametrize("names", [(), ("input",)])
def test_without_a_layer_the_network_is_summed_up(inspector, names):
    inspector.show_layers(("dense",))
    inspector.show_layers(names)
    assert inspector.form is None
    words = inspector.summary.text()
    assert "3 layers" in words
    assert "337 parameters" in words
    assert "304 multiply-adds" in words
    assert "kB of memory" in words
    assert not inspector.summary.isHidden()
    inspector.show_layers(("dense",))
    assert inspector.summary.isHidden()


def test_the_size_of_the_weights_is_told(inspector, document):
    inspector.show_layers(("dense_1",))
    assert layer(document, "dense_1").kernel_initializer == HeNormal()
    assert inspector.scale.text() == "Kernel std 0.35 = √(2 / fan-in 16)"
    enter(editor(inspector, "kernel_initializer"), Constant())
    assert "no std" in inspector.scale.text()
    with_layers(document, Conv2D(name="conv", filters=3, kernel_size=(3, 3)))
    inspector.show_layers(("conv",))
    assert inspector.scale.isHidden()


def test_a_layer_s_problems_are_mended_on_the_spot(inspector, document):
    document.apply("Break", edits.with_network(document.experiment, edits.change(document.experiment.network, "output", units=3)))
    inspector.show_layers(("output",))
    rows = [row for row in inspector.problems.rows if not row.isHidden()]
    assert "need 1" in rows[0].problem.sentence
    QTest.mouseClick(rows[0].button, Qt.MouseButton.LeftButton)
    assert layer(document, "output").units == 1
    assert document.undo_text == "Set units to 1"
    assert inspector.problems.isHidden()


def test_a_click_on_a_problem_goes_to_its_field(inspector, document):
    document.apply("Break", edits.with_network(document.experiment, edits.change(document.experiment.network, "output", units=3)))
    inspector.show_layers(("output",))
    QTest.mouseClick(inspector.problems.rows[0], Qt.MouseButton.LeftButton, pos=QPoint(6, 6))
    assert editor(inspector, "units").spin.hasFocus()


def test_a_long_figure_is_seen_whole_beside_longer_captions(qtbot):
    now = LayerNow()
    qtbot.addWidget(now)
    probe = LayerProbe(
        "dense", Histogram(np.array([1]), 0.0, 1.0), mean=0.42, std=0.71, dead=None, saturated=None,
        update_ratio=0.000139, one_signed_gradients=0.69,
    )  # fmt: skip
    now.show_health(diagnose((probe,))["dense"], None)
    ((caption, value),) = [line[1:] for line in now._lines if line[0].title == "update / weight"]
    now.resize(caption.sizeHint().width() + 8 + value.sizeHint().width(), 400)
    now.show()
    assert value.width() >= value.sizeHint().width()


@pytest.mark.parametrize(("value", "words"), [(0.0, "0"), (1.0, "1"), (-0.1, "−0.1")])
def test_weights_that_are_all_alike_are_told_as_one_number(qtbot, value, words):
    counts, edges = np.histogram(np.full(48, value), 40)
    weights = Histogram(counts, float(edges[0]), float(edges[-1]))
    probe = LayerProbe("dense", weights, mean=0.0, std=0.0, dead=None, saturated=None, weights=weights)
    now = LayerNow()
    qtbot.addWidget(now)
    now.show_health(diagnose((probe,))["dense"], None)
    assert now.values["weights"] == words


def test_statistics_of_the_last_look(inspector, document):
    inspector.show_layers(("dense",))
    assert inspector.now.isHidden()
    outputs = Histogram(np.array([1]), 0.0, 1.0)
    figures = {"dead": 0.3125, "saturated": 0.6, "gradient_norm": 0.031, "weight_norm": 2.0, "update_ratio": 1.2e-3}
    probe = LayerProbe("dense", outputs, mean=0.42, std=0.71, **figures)
    inspector.set_statistics({"dense": probe})
    assert inspector.now.values == {
        "outputs": "0.42 ± 0.71",
        "dead units": "5 of 16",
        "inactive": "60 %",
        "gradient norm": "0.031",
        "weight norm": "2",
        "update / weight": "0.0012 (log₁₀ −2.9)",
    }
    assert inspector.now.warnings == ("dead units",)
    assert "31 % of the units are dead" in inspector.now.words.text()
    inspector.show_layers(("dense_1",))
    assert inspector.now.isHidden()
    inspector.show_layers(("dense",))
    assert not inspector.now.isHidden()
    inspector.set_statistics(None)
    assert inspector.now.isHidden()


def test_a_form_of_the_same_kind_stays_and_another_replaces_it(inspector, document):
    inspector.show_layers(("dense",))
    form = inspector.form
    inspector.show_layers(("dense_1",))
    assert inspector.form is form
    with_layers(document, BatchNormalization(name="norm"), ReLU(name="relu"))
    inspector.show_layers(("norm",))
    assert inspector.form is not form
    inspector.show_layers(("relu",))
    assert inspector.curve.function == Relu()


def test_a_form_that_is_kept_for_later_is_not_styled_anew_with_another_theme(qapp, inspector, document):
    apply_theme(qapp, light)
    with_layers(document, Dropout(name="a", rate=0.5), Dense(name="b", units=2), Dense(name="c", units=1))
    inspector.show_layers(("a",))
    inspector.show_layers(("b",))
    forms = [child for child in inspector.findChildren(Form) if child.parent() is inspector.form.parent()]
    assert len(forms) == 2
    apply_theme(qapp, dark)
    assert [isValid(form) for form in forms] == [form is inspector.form for form in forms]
    inspector.show_layers(("a",))
    assert "rate" in inspector.form.rows()
    apply_theme(qapp, light)


def test_a_form_is_kept_for_the_next_layer_of_its_kind(inspector, document):
    with_layers(document, *(edits.new_layer(kind) for kind in kinds_in(AnyLayer)[: kept_forms + 2]))
    names = [each.name for each in document.experiment.network]
    inspector.show_layers(("dense",))
    first = inspector.form
    inspector.show_layers(("maxout",))
    assert not first.isVisible()
    inspector.show_layers(("dense",))
    assert inspector.form is first
    assert first.isVisible()
    enter(editor(inspector, "units"), 5)
    assert layer(document, "dense").units == 5
    for name in names:
        inspector.show_layers((name,))
    inspector.show_layers(("dense",))
    assert inspector.form is not first


def test_what_was_closed_stays_closed_for_the_next_layer(inspector, document):
    inspector.show_layers(("dense",))
    inspector.form.group("Initialization").set_open(False)
    with_layers(document, Maxout(name="maxout", units=4))
    inspector.show_layers(("maxout",))
    assert not inspector.form.group("Initialization").open


def test_what_is_inside_a_layer_comes_after_what_the_layer_itself_takes(qtbot, inspector, document):
    with_layers(document, edits.new_layer(RNN), *document.experiment.network)
    inspector.show_layers(("rnn",))
    form = inspector.form
    qtbot.waitUntil(lambda: form.row("cell").nested.isVisible())
    heights = [row.mapTo(form, QPoint()).y() for row in (form.row(name) for name in ("zero_output_for_mask", "cell"))]
    assert heights == sorted(heights)
    assert form.row("cell").y() + form.row("cell").height() <= form.group("Training").y()
    names = [widget.accessibleName() for widget in form.focus_order()]
    assert names.index("Zero output for mask") < names.index("Cell") < names.index("Units")


def test_the_tabulator_follows_the_eye(qtbot, inspector, document):
    inspector.show_layers(("dense",))
    qtbot.waitUntil(lambda: inspector.form.row("activation").nested.isVisible())
    inspector.form.row("units").editor.setFocus()
    names = []
    for _ in range(9):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        names.append(QApplication.focusWidget().accessibleName())
    # A relu may be leaky, limited or shifted: its fields stand below it.
    marks = ["Reset Activation", "Activation", "Negative slope", "Max value: Set a value", "Threshold"]
    assert names == [*marks, "Use bias", "Training", "Trainable", "Initialization"]
    for _ in range(4):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget().accessibleName() == "Threshold"


def test_several_layers_are_named_with_their_kinds(inspector, document):
    with_layers(document, *(Dropout(name=f"dropout_{place}", rate=0.5) for place in range(15)), Dense(name="output", units=1))
    inspector.show_layers(("dropout_3", "output"))
    assert inspector.summary.text() == "dropout_3 · Dropout\noutput · Dense"
    assert not inspector.summary.isHidden()
    inspector.show_layers(tuple(f"dropout_{place}" for place in range(15)))
    assert inspector.summary.text().splitlines()[most_named - 1 :] == [f"dropout_{most_named - 1} · Dropout", "and 3 more"]
    inspector.show_layers(("output",))
    assert inspector.summary.isHidden()
