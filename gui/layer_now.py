"""What a layer was doing when it was looked at last, in figures."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.forms.panel import label
from gui.theme import set_look
from gui.widgets.numbers import short_text
from models.experiment.counting import grouped
from models.experiment.report import LayerReport
from models.telemetry.diagnosis import Health, worrying_dead, worrying_saturated
from models.telemetry.events import Histogram, LayerProbe
from models.telemetry.shares import percent
from models.telemetry.zones import dead_slope, saturated_slope


@dataclass(frozen=True)
class Figure:
    """A line: what it is called, what it means and what is good, and what it says of a look into a layer of so many units."""

    title: str
    tooltip: str
    words: Callable[[LayerProbe, int | None], str | None]
    """None where the layer has no such figure."""
    about: tuple[str, ...]
    """The fields of the look; a warning about one of them is one about the line."""


def _of_units(share: float | None, units: int | None) -> str | None:
    if share is None:
        return None
    return f"{round(share * units)} of {units}" if units else percent(share)


def _number(number: float) -> str:
    return short_text(number).replace("-", "−")


def _range(histogram: Histogram | None) -> str | None:
    """From the least to the greatest value, or the one that all have, and how many are none."""
    if histogram is None:
        return None
    bounds = " … ".join(dict.fromkeys(map(_number, histogram.reach))) if histogram.counts.any() else ""
    missing = f"{grouped(histogram.not_finite)} not finite" if histogram.not_finite else ""
    return " · ".join(filter(None, (bounds, missing)))


def _optional(number: float | None, words: Callable[[float], str] = _number) -> str | None:
    return None if number is None else words(number)


def _gain(factor: float) -> str:
    return f"× {_number(factor)}"


def _ratio(ratio: float) -> str:
    return f"{_number(ratio)} (log₁₀ {math.log10(ratio):.1f})".replace("-", "−") if ratio else "0"


figures = (
    Figure(
        "outputs",
        "Mean ± standard deviation of what the layer puts out, over a fixed batch of training examples. Good is a deviation "
        "that is about the same in all layers, neither near 0 nor growing from layer to layer.",
        lambda probe, _: f"{_number(probe.mean)} ± {_number(probe.std)}",
        ("activations", "pre_activations"),
    ),
    Figure(
        "dead units",
        f"Units whose activation is flat (a slope below {dead_slope}) for every example: no gradient reaches their weights, so "
        f"they stay as they are. Good is 0; from {percent(worrying_dead)} on, look into it.",
        lambda probe, units: _of_units(probe.dead, units),
        ("dead",),
    ),
    Figure(
        "saturated",
        f"Share of cases, units times examples, in which the slope of the activation is below {saturated_slope}, so that hardly "
        f"any gradient gets through. Good is a small share; from {percent(worrying_saturated)} on, look into it, except at the "
        "output, where it is a sure answer.",
        lambda probe, _: _optional(probe.saturated, percent) if probe.dead is None else None,
        ("saturated",),
    ),
    Figure(
        "inactive",
        f"Share of cases, units times examples, in which the activation is flat (a slope below {saturated_slope}), as relu is "
        "for negative sums. About a half is usual; a unit that always is, is dead.",
        lambda probe, _: _optional(probe.saturated, percent) if probe.dead is not None else None,
        (),
    ),
    Figure(
        "nearly constant",
        "Units whose outputs vary by no more than 1 % of their size from example to example, dead ones among them: they tell "
        "the layers behind nothing. Good is 0.",
        lambda probe, units: _of_units(probe.near_constant, units),
        ("near_constant",),
    ),
    Figure(
        "alike",
        "Units that compute the same as another one of this layer. They get the same gradient and stay alike; weights that "
        "start at random prevent that. Good is 0.",
        lambda probe, units: _of_units(probe.duplicates, units),
        ("duplicates",),
    ),
    Figure(
        "one-signed inputs",
        "Share of what comes in that is never negative, or never positive, as after relu or sigmoid. Then the gradients of a "
        "unit's weights tend to have one sign (CS231n). Good is little; tanh, or data centred on 0, have little.",
        lambda probe, _: _optional(probe.one_signed_inputs, percent),
        ("one_signed_inputs",),
    ),
    Figure(
        "one-signed gradients",
        "Share of units whose weights all had a gradient of the same sign in the last step: such steps zigzag (CS231n). "
        "Good is little.",
        lambda probe, _: _optional(probe.one_signed_gradients, percent),
        ("one_signed_gradients",),
    ),
    Figure(
        "signal gain",
        "Standard deviation of what the layer puts out, divided by that of what comes in. Good is about 1: far below in every "
        "layer the signal vanishes on its way, far above it explodes.",
        lambda probe, _: _optional(probe.forward_gain, _gain),
        ("forward_gain",),
    ),
    Figure(
        "gradient gain",
        "Standard deviation of this layer's gradient, divided by that of the next layer with weights, which it comes from. Good "
        "is about 1: far below in every layer the gradient vanishes on its way back, far above it explodes.",
        lambda probe, _: _optional(probe.backward_gain, _gain),
        ("backward_gain",),
    ),
    Figure(
        "gradient norm",
        "Length of the gradient of all weights of the layer, before it is clipped.",
        lambda probe, _: _optional(probe.gradient_norm),
        ("gradients",),
    ),
    Figure(
        "gradient std",
        "Standard deviation of the gradient's numbers: unlike the norm it does not grow with the number of weights, so that "
        "layers can be compared. Good is the same order of magnitude in all layers.",
        lambda probe, _: _optional(probe.gradient_std),
        ("gradient_std",),
    ),
    Figure(
        "weights",
        "The least and the greatest of all weights that the layer trains; of a PReLU these are its slopes.",
        lambda probe, _: _range(probe.weights),
        ("weights",),
    ),
    Figure(
        "mean slope",
        "Mean of the slopes that a PReLU has for what is below 0; 0 is a relu, 1 a straight line.",
        lambda probe, _: None if probe.slopes is None else _number(probe.slopes.mean),
        (),
    ),
    Figure(
        "weight norm",
        "Length of all weights of the layer. Growing without end, it asks for a penalty or a lower learning rate.",
        lambda probe, _: _optional(probe.weight_norm),
        (),
    ),
    Figure(
        "update / weight",
        "Length of the last step divided by the length of the weights. About 0.001, or 10⁻³, is good; above 10⁻² or below "
        "10⁻⁴ look into the learning rate (CS231n).",
        lambda probe, _: _optional(probe.update_ratio, _ratio),
        ("update_ratio", "updates"),
    ),
    Figure(
        "moving mean",
        "The least and the greatest of the means that the normalization keeps for each unit, to use them outside training.",
        lambda probe, _: _range(probe.moving_mean),
        ("moving_mean",),
    ),
    Figure(
        "moving variance",
        "The least and the greatest of the variances that the normalization keeps for each unit, to use them outside training.",
        lambda probe, _: _range(probe.moving_variance),
        ("moving_variance",),
    ),
)
"""All lines, from what the layer does to what becomes of it."""


class LayerNow(QWidget):
    """A line for each figure that there is, and below them in words what is out of the ordinary."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 10, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(label("THIS LAYER, NOW", "section"))
        self._lines = [(figure, *self._add_line(figure)) for figure in figures]
        self.words = label("", "small")
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self._column.addWidget(self.words)
        self.hide()

    @property
    def values(self) -> dict[str, str]:
        """What is shown, by caption."""
        return {figure.title: value.text() for figure, caption, value in self._lines if not caption.isHidden()}

    @property
    def warnings(self) -> tuple[str, ...]:
        """The captions of what stands out."""
        return tuple(figure.title for figure, _, value in self._lines if value.property("role") in ("warning", "error"))

    def show_health(self, health: Health | None, layer: LayerReport | None) -> None:
        """Show what was seen in a layer; none hides it."""
        self.setVisible(health is not None)
        if health is None:
            return
        shape = layer.output_shape if layer is not None else None
        units = shape[0] if shape is not None and len(shape) == 1 else None
        tones = {finding.about: finding.tone for finding in reversed(health.findings)}
        for figure, caption, value in self._lines:
            text = figure.words(health.probe, units)
            caption.setVisible(text is not None)
            value.setVisible(text is not None)
            value.setText(text or "")
            tone = next((tones[field] for field in figure.about if field in tones), None)
            set_look(value, "role", tone if tone in ("warning", "error") else "")
        findings = health.findings or filter(None, (health.mark,))
        self.words.setText("".join(f"<p>{escape(finding.sentence)}</p>" for finding in findings))

    def _add_line(self, figure: Figure) -> tuple[QLabel, QLabel]:
        caption, value = QLabel(figure.title), QLabel()
        caption.setProperty("role", "small")
        caption.setMinimumWidth(1)  # what is narrower than its words must not widen the form
        value.setMinimumWidth(1)
        for widget in (caption, value):
            widget.setToolTip(f"<p>{figure.tooltip}</p>")
        line = QHBoxLayout()  # of its own: in columns the longest caption would take room from a long figure elsewhere
        line.setSpacing(8)
        line.addWidget(caption)
        line.addWidget(value, 1)
        self._column.addLayout(line)
        value.setAlignment(Qt.AlignmentFlag.AlignRight)
        return caption, value
