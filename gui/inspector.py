"""The inspector: everything that can be set about the selected layers, and what they are doing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from shiboken6 import delete

from gui.document import Document
from gui.forms.form import Form
from gui.forms.labels import kind_tooltip
from gui.forms.panel import FormPanel, label
from gui.inputs import InputsEditor
from gui.layer_now import LayerNow
from gui.theme import application, theme_notifier
from gui.widgets.activation_curve import ActivationCurve
from gui.widgets.numbers import short_text
from gui.widgets.problem_row import ProblemList
from gui.words import first_few
from models.experiment import edits
from models.experiment.base import Value
from models.experiment.counting import counted, grouped
from models.experiment.estimate import estimate, size_text
from models.experiment.experiment import Experiment, Network
from models.experiment.fields import Field, fields_of
from models.experiment.graph import sources
from models.experiment.layers import AnyLayer
from models.experiment.layers.base import Layer, shape_text
from models.experiment.report import LayerReport, Problem, Report
from models.experiment.scale import weight_scale
from models.telemetry.diagnosis import Health, diagnose
from models.telemetry.events import LayerProbe

most_named = 12
"""Layers that are named where several are selected."""
kept_forms = 8
"""Forms that are kept for the next layer of their kind: to make one takes longer than to see a selection change."""


@dataclass(frozen=True)
class _Page:
    """A form with what stands among its rows."""

    form: Form
    curve: ActivationCurve | None
    scale: QLabel | None


class Inspector(FormPanel):
    """Shows the selected layers as a form; without a selection it sums up the network."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._names: tuple[str, ...] = ()
        self._page: _Page | None = None
        self._kept: list[_Page] = []
        self._open_groups: dict[str, bool] = {}
        self._health: Mapping[str, Health] = {}
        self.heading = label("", "section")
        self.help = label("", "small")
        self.problems = ProblemList(buttons_beside=False, named=False)
        self.inputs = InputsEditor()
        self.summary = label("", "muted")
        self.now = LayerNow()
        for widget in (self.heading, self.help, self.problems, self.summary, self.inputs, self.now):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self.problems.chosen.connect(self._go_to_problem)
        self.problems.remedy_chosen.connect(document.mend)
        self.inputs.chosen.connect(self._read)
        document.changed.connect(self._show)
        theme_notifier(application()).changing.connect(self._let_kept_go)
        self._show(document.experiment, document.report)

    @property
    def form(self) -> Form | None:
        return self._page.form if self._page is not None else None

    @property
    def curve(self) -> ActivationCurve | None:
        """The curve of the activation that is set."""
        return self._page.curve if self._page is not None else None

    @property
    def scale(self) -> QLabel | None:
        """What the initializer's numbers mean."""
        return self._page.scale if self._page is not None else None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the layers that are shown; empty for the network as a whole."""
        return self._names

    def focus_field(self, path: str) -> None:
        """Put the focus into the field at `path`, or into the inputs, and bring it into view."""
        if path == "inputs":
            self.inputs.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().focus_field(path)

    def show_layers(self, names: tuple[str, ...]) -> None:
        """Show the layers called `names`; the input, or none, stands for the network as a whole."""
        if self.form is not None:
            self.form.commit()
        self._names = names
        self._show(self._document.experiment, self._document.report)

    def set_statistics(self, statistics: Mapping[str, LayerProbe] | None) -> None:
        """Show what was last seen inside the layers while they were trained; none takes it away."""
        self._health = diagnose(tuple(statistics.values())) if statistics is not None else {}
        self._show_statistics(self._document.report)

    def _show(self, experiment: Experiment, report: Report) -> None:
        layers = [layer for layer in experiment.network if layer.name in self._names]
        self._names = tuple(layer.name for layer in layers)
        self._show_form(layers)
        self._show_inputs(layers, experiment.network)
        self.summary.setVisible(len(layers) != 1)
        if layers:
            self._show_heading(layers)
            self.summary.setText(names_words(layers))
            self.problems.show_problems(report.problems_of(layers[0].name) if len(layers) == 1 else ())
            self._show_extras(layers, report)
        else:
            self._show_network(experiment, report)
        self._show_statistics(report)

    def _show_form(self, layers: Sequence[AnyLayer]) -> None:
        fields = shared_fields(layers)
        if self._page is not None and self._page.form.fields != fields:
            self._put_away(self._page)
        if fields and self._page is None:
            self._page = self._take_out(fields) or self._make_page(fields)
            self.column.insertWidget(self.column.indexOf(self.now), self._page.form)
        if self._page is not None:
            self._page.form.show_values(layers)
            self._page.form.show()

    def _make_page(self, fields: tuple[Field, ...]) -> _Page:
        form = Form(fields, open_groups=self._open_groups)
        form.edited.connect(self._edit)
        form.finished.connect(self._document.end_merging)
        names = [field.name for field in fields]
        plain = [field.name for field in fields if not field.group]
        place = "activation" if "activation" in names else plain[-1] if plain else None
        curve = scale = None
        if place is not None:
            curve = ActivationCurve()
            form.row(place).add_below(curve)
        if "kernel_initializer" in names:
            scale = label("", "small")
            form.group("Initialization").add_footer(scale)
        return _Page(form, curve, scale)

    def _put_away(self, page: _Page) -> None:
        """Keep a form for later, without letting it hand out what is typed in it: that belonged to another layer."""
        page.form.blockSignals(True)
        page.form.hide()
        self.column.removeWidget(page.form)
        self._page = None
        self._kept.append(page)
        if len(self._kept) > kept_forms:
            self._kept.pop(0).form.deleteLater()

    def _let_kept_go(self) -> None:
        """Take the forms away that are kept for later: to style them anew takes longer than to make the one that is needed."""
        for page in self._kept:
            delete(page.form)
        self._kept = []

    def _take_out(self, fields: tuple[Field, ...]) -> _Page | None:
        page = next((page for page in self._kept if page.form.fields == fields), None)
        if page is not None:
            self._kept.remove(page)
            page.form.blockSignals(False)
        return page

    def _show_inputs(self, layers: Sequence[AnyLayer], network: Network) -> None:
        self.inputs.setVisible(len(layers) == 1)
        if len(layers) == 1:
            index = network.index(layers[0])
            self.inputs.show_inputs(layers[0], sources(network)[index], edits.possible_inputs(network, layers[0].name))

    def _show_heading(self, layers: Sequence[AnyLayer]) -> None:
        kinds = {type(layer) for layer in layers}
        first = layers[0]
        if len(kinds) > 1:
            self.heading.setText(f"{len(layers)} LAYERS")
            shared = "They share the fields below; a change applies to all of them."
            self.help.setText(shared if shared_fields(layers) else "They have no field in common.")
            return
        count = f"{len(layers)} × " if len(layers) > 1 else ""
        self.heading.setText(f"{count}{first.kind().upper()} · {first.family}")
        description = kind_tooltip(type(first))
        self.help.setText(description.split("\n\n")[0])
        self.help.setToolTip(description)

    def _show_extras(self, layers: Sequence[AnyLayer], report: Report) -> None:
        # An LSTM does not apply its activation last, but it has one to be looked at.
        functions = {getattr(layer, "activation", layer.non_linearity) for layer in layers}
        function = functions.pop() if len(functions) == 1 else None
        if self.curve is not None and (self.curve.function != function or function is None):
            self.curve.set_function(function)
        if self.scale is not None:
            self.scale.setText(scale_words(layers[0], _report_of(report, layers[0].name)) if len(layers) == 1 else "")
            self.scale.setVisible(bool(self.scale.text()))

    def _show_network(self, experiment: Experiment, report: Report) -> None:
        self.heading.setText("NETWORK")
        self.help.setText("Select a layer to see and change what it does.")
        self.help.setToolTip("")
        self.problems.show_problems(())
        self.summary.setText(network_words(experiment, report))

    def _show_statistics(self, report: Report) -> None:
        health = self._health.get(self._names[0]) if len(self._names) == 1 else None
        layer = _report_of(report, self._names[0]) if health is not None else None
        self.now.show_health(health, layer)

    def _edit(self, path: str, content: object) -> None:
        network = self._document.experiment.network
        if path == "name":
            self._rename(network, cast(str, content))
            return
        for name in self._names:
            layer = next(layer for layer in network if layer.name == name)
            network = edits.put(network, name, edits.set_at(layer, path, content))
        whose = self._names[0] if len(self._names) == 1 else f"{len(self._names)} layers"
        self._document.apply_network(f"Change {path.replace('.', ' ')} of {whose}", network, f"{','.join(self._names)}.{path}")

    def _read(self, names: tuple[str, ...]) -> None:
        name = self._names[0]
        self._document.apply_network(f"Change inputs of {name}", edits.set_inputs(self._document.experiment.network, name, names))

    def _rename(self, network: Network, wanted: str) -> None:
        old = self._names[0]
        index = [layer.name for layer in network].index(old)
        renamed = edits.rename(network, old, wanted)
        self._names = (renamed[index].name,)
        self._document.apply_network(f"Rename {old}", renamed, f"{old}.name")

    def _go_to_problem(self, problem: Problem) -> None:
        if problem.field is not None:
            self.focus_field(problem.field)


def shared_fields(layers: Sequence[Value]) -> tuple[Field, ...]:
    """The fields that all `layers` have under the same name, with the same type; of several layers without their names."""
    if not layers:
        return ()
    kinds = first, *others = tuple(dict.fromkeys(type(layer) for layer in layers))
    fields = tuple(field for field in fields_of(first) if not field.own_control and all(_acts(field, kind) for kind in kinds))
    for other in others:
        known = {field.name: (field.type, field.optional) for field in fields_of(other)}
        fields = tuple(field for field in fields if known.get(field.name) == (field.type, field.optional))
    return tuple(field for field in fields if field.name != "name") if len(layers) > 1 else fields


def _acts(field: Field, kind: type[Value]) -> bool:
    """Whether the field does anything: a layer without weights is trained no less when it is frozen."""
    return field.name != "trainable" or not issubclass(kind, Layer) or kind.holds_weights()


def scale_words(layer: AnyLayer, report: LayerReport | None) -> str:
    """How large the kernel starts: ``std 0.50 = √(2 / fan-in 8)``; empty where there is no kernel, or its shape is not known."""
    if report is None or report.input_shape is None or report.output_shape is None:
        return ""
    shape = layer.kernel_shape(report.input_shape)
    initializer = getattr(layer, "kernel_initializer", None)
    if shape is None or initializer is None:
        return ""
    scale = weight_scale(initializer, shape, layer.fans(report.input_shape))
    if scale is None:
        return f"{initializer.identifier()}: no random numbers, so there is no std."
    std = f"{scale.std:.2f}" if scale.std >= 0.1 else short_text(scale.std)
    return f"Kernel std {std} = {scale.formula}"


def names_words(layers: Sequence[AnyLayer]) -> str:
    """Several layers in as many lines, by name and kind; of many the first."""
    return "\n".join(first_few([f"{layer.name} · {layer.kind()}" for layer in layers], most_named))


def network_words(experiment: Experiment, report: Report) -> str:
    """The network in a few lines: what comes in, how many layers and parameters, how much memory a training needs."""
    lines = [counted(len(experiment.network), "layer")]
    facts, parameters = report.facts, report.parameters
    if facts is not None:
        lines.insert(0, f"Input {shape_text(facts.input_shape)}")
    if parameters is not None:
        lines.append(
            counted(parameters.total, "parameter")
            + (f", {grouped(parameters.trainable)} trainable" * bool(parameters.non_trainable))
        )
        if report.multiply_adds is not None:
            lines.append(f"{grouped(report.multiply_adds)} multiply-adds for an example's forward pass")
        if facts is not None:
            lines.append(f"about {size_text(estimate(experiment, facts).total)} of memory to train")
    if experiment.initial_weights is not None:
        lines.append(f"starts from {Path(experiment.initial_weights).name}")
    return "\n".join(lines)


def _report_of(report: Report, name: str) -> LayerReport | None:
    return next((layer for layer in report.layers if layer.name == name), None)
