"""The four live plots of a run beside each other."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui.plots.activation_plot import ActivationPlot
from gui.plots.gradient_plot import GradientPlot
from gui.plots.loss_plot import LossPlot
from gui.plots.plot import Plot
from gui.plots.surface import Meaning
from gui.plots.surface_plot import SurfacePlot
from gui.theme import Theme
from models.data.prepared import View
from models.experiment.encoding import Target
from models.experiment.experiment import Experiment
from models.telemetry.history import History


class PlotPanel(QWidget):
    """Loss, gradient norms, activations and decision regions of the run that goes on, or of the last one.

    The owner calls `start` when a run begins, `consume` when its record grew, and `tick` on a clock of at most 60 Hz.
    """

    failed = Signal(str)
    """Saving a plot did not work; the sentence says why."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss = LossPlot(theme)
        self.gradients = GradientPlot(theme)
        self.activations = ActivationPlot(theme)
        self.surface = SurfacePlot(theme)
        self.plots: tuple[Plot, ...] = (self.loss, self.gradients, self.activations, self.surface)
        self._turn = 0
        self._started = False
        self._no_view = QLabel("No decision regions: they are drawn where an example has one or two features.")
        self._no_view.setProperty("role", "small")
        self._no_view.setWordWrap(True)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(6)
        for half in (0, 1):
            self._grid.setRowStretch(half, 1)
            self._grid.setColumnStretch(half, 1)
        self._cards = [_card(plot) for plot in self.plots]
        for plot in self.plots:
            plot.failed.connect(self.failed)
        self._arrange()

    def start(
        self,
        experiment: Experiment,
        view: View | None,
        target: Target,
        target_scale: tuple[float, float] = (0.0, 1.0),
        class_names: tuple[str, ...] = (),
    ) -> None:
        """Get ready for a run of `experiment` on data with this view, target and classes: empty curves, examples shown."""
        loss = experiment.training.loss
        self.loss.clear()
        self.gradients.clear()
        self.activations.clear()
        self.loss.set_loss_name(loss.identifier().replace("_", " "))
        self.surface.show_view(view, Meaning(target, target_scale, loss.takes_logits, class_names))
        self._started = True
        self._arrange()

    def consume(self, history: History) -> None:
        """Show this record from now on; drawn at the next ticks."""
        self.loss.update_from(history)
        self.gradients.update_from(history)
        self.activations.update_from(history)
        self.surface.update_from(history)

    def tick(self) -> None:
        """Make the curves of one plot, or draw some of those that were made; then it is the turn of the next that has news.

        So a tick takes a few milliseconds, however much there is to draw, and no plot falls behind another.
        """
        count = len(self.plots)
        for place in range(self._turn, self._turn + count):
            if self.plots[place % count].advance():
                self._turn = (place + 1) % count
                return

    def set_theme(self, theme: Theme) -> None:
        """Look like `theme` from now on."""
        for plot in self.plots:
            plot.set_theme(theme)

    def clear(self) -> None:
        """Show nothing, as before the first run."""
        self.loss.clear()
        self.gradients.clear()
        self.activations.clear()
        self.surface.clear()
        self._started = False
        self._arrange()

    def _arrange(self) -> None:
        """Two by two; where a run has no decision regions, the activations take the whole lower row and a line says why."""
        shown = self.surface.available or not self._started
        loss, gradients, activations, surface = self._cards
        self._grid.addWidget(loss, 0, 0)
        self._grid.addWidget(gradients, 0, 1)
        self._grid.addWidget(activations, 1, 0, 1, 1 if shown else 2)
        self._grid.addWidget(surface, 1, 1)
        self._grid.addWidget(self._no_view, 2, 0, 1, 2)
        surface.setVisible(shown)
        self._no_view.setVisible(not shown)


def _card(plot: Plot) -> QFrame:
    card = QFrame()
    card.setProperty("role", "card")
    # Halves of the room, whatever the legends and titles would like: otherwise a long name takes it from the plot beside.
    card.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
    card.setMinimumSize(140, 110)
    column = QVBoxLayout(card)
    column.setContentsMargins(1, 1, 1, 1)
    column.addWidget(plot)
    return card
