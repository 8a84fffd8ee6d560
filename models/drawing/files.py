"""The content of a file that shows a network."""

from models.drawing.diagram import diagram
from models.drawing.svg import svg
from models.drawing.table import comma_separated, markdown
from models.experiment.experiment import Experiment
from models.experiment.report import Report


def drawn(experiment: Experiment, report: Report, to: str) -> bytes:
    """What a file in the format called `to` holds; `report` is free of errors."""
    if to == "png":
        from models.drawing.png import png

        return png(diagram(experiment, report))
    if to == "svg":
        return svg(diagram(experiment, report), experiment.name or "Network").encode()
    return (markdown if to == "markdown" else comma_separated)(experiment, report).encode()
