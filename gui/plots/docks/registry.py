"""Every kind of panel there is: a view joins by one line here."""

from dataclasses import dataclass

from gui.plots.plot import Plot
from gui.plots.views.activation_plot import ActivationPlot
from gui.plots.views.data_plot import DataPlot
from gui.plots.views.depth_plot import DepthPlot
from gui.plots.views.gradient_plot import GradientPlot
from gui.plots.views.loss_plot import LossPlot
from gui.plots.views.neuron_plot import NeuronPlot
from gui.plots.views.nonlinearity_plot import NonLinearityPlot
from gui.plots.views.prediction_plot import PredictionPlot
from gui.plots.views.surface_plot import SurfacePlot
from gui.plots.views.weight_plot import WeightPlot


@dataclass(frozen=True)
class PanelKind:
    """One kind of panel; title and help text are its plot's."""

    identifier: str
    """Names it where arrangements are remembered, so it never changes."""
    plot: type[Plot]
    """Made with the theme when the panel is first seen."""
    shown: bool = False
    """Whether it belongs to the usual arrangement; the others wait in the View menu."""


kinds = (
    PanelKind("loss", LossPlot, shown=True),
    PanelKind("gradients", GradientPlot, shown=True),
    PanelKind("activations", ActivationPlot, shown=True),
    PanelKind("surface", SurfacePlot, shown=True),
    PanelKind("curve", NonLinearityPlot),
    PanelKind("depth", DepthPlot),
    PanelKind("data", DataPlot),
    PanelKind("neurons", NeuronPlot),
    PanelKind("predictions", PredictionPlot),
    PanelKind("weights", WeightPlot),
)
