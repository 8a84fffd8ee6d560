"""A document with a stack of six layers, and the panel that shows it."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from gui.document import Document
from gui.stack.panel import StackPanel
from gui.stack.view import StackView
from models.experiment.activations import Relu, Sigmoid
from models.experiment.initializers import HeNormal
from models.experiment.layers import Dense, Dropout, GaussianNoise, Maxout
from models.experiment.starter import default_experiment

network = (
    GaussianNoise(name="noise", stddev=0.05),
    Dense(name="dense", units=16, activation=Relu(), kernel_initializer=HeNormal()),
    Dense(name="dense_1", units=16, activation=Relu(), kernel_initializer=HeNormal()),
    Maxout(name="maxout", units=8),
    Dropout(name="dropout", rate=0.2),
    Dense(name="output", units=1, activation=Sigmoid()),
)


@pytest.fixture
def document(qapp: object) -> Document:
    return Document(replace(default_experiment(), name="Spiral", network=network), lambda source: None)  # type: ignore[arg-type, return-value]


@pytest.fixture
def panel(document: Document, qtbot: QtBot) -> Iterator[StackPanel]:
    panel = StackPanel(document)
    qtbot.addWidget(panel)
    panel.resize(540, 800)
    with qtbot.waitExposed(panel):
        panel.show()
    panel.view.setFocus()
    yield panel
    panel.hide()


@pytest.fixture
def view(panel: StackPanel) -> StackView:
    return panel.view
