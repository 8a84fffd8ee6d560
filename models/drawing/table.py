"""The network as a table: a row a layer."""

import csv
import io
from collections.abc import Sequence

from models.experiment.counting import grouped
from models.experiment.experiment import Experiment
from models.experiment.graph import input_name, sources
from models.experiment.layers.base import shape_text
from models.experiment.report import Report

header = ("layer", "kind", "output shape", "parameters", "reads from")


def rows(experiment: Experiment, report: Report) -> list[tuple[str, str, str, int | None, str]]:
    """What the table says about each layer, the input first; no parameters where they are not known."""
    found: list[tuple[str, str, str, int | None, str]] = [
        (input_name, "InputLayer", shape_text(report.facts.input_shape) if report.facts else "?", 0, "")
    ]
    for layer, read in zip(report.layers, sources(experiment.network), strict=True):
        shape = "?" if layer.output_shape is None else shape_text(layer.output_shape)
        held = None if layer.parameters is None else layer.parameters.total
        found.append((layer.name, layer.kind, shape, held, ", ".join(read)))
    return found


def markdown(experiment: Experiment, report: Report) -> str:
    """The table as Markdown, in columns for whoever reads the text itself."""
    lines = [
        header,
        *((name, kind, shape, grouped(held) if held else "", read) for name, kind, shape, held, read in rows(experiment, report)),
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = [f"{'-' * (width - 1)}:" if name == "parameters" else "-" * width for name, width in zip(header, widths, strict=True)]
    text = [_line(lines[0], widths), f"| {' | '.join(rule)} |", *(_line(line, widths) for line in lines[1:])]
    if report.parameters:
        text += ["", f"Parameters: {grouped(report.parameters.total)} ({grouped(report.parameters.trainable)} trainable)"]
    return "\n".join(text) + "\n"


def comma_separated(experiment: Experiment, report: Report) -> str:
    """The table as CSV, its numbers as numbers."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(("" if cell is None else cell for cell in row) for row in rows(experiment, report))
    return text.getvalue()


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell.rjust(width) if name == "parameters" else cell.ljust(width)
        for name, cell, width in zip(header, cells, widths, strict=True)
    )
    return f"| {' | '.join(padded)} |"
