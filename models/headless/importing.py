"""``import``: an experiment from a network of Keras."""

import argparse

from models.experiment.counting import counted
from models.experiment.layers.base import shape_text
from models.storage.keras_files.importing import Imported, imported, save_imported


def import_command(arguments: argparse.Namespace) -> bool:
    """Write the experiment, and its weights beside it, and say what came of them."""
    with imported(arguments.file) as found:
        saved = save_imported(found, arguments.output)
        print(f"Wrote {arguments.output}: {_summary(found)}.")
        if saved.initial_weights is not None:
            print(f"Wrote {saved.initial_weights}: the weights that it starts from.")
        for notice in found.notices:
            print(notice)
        for problem in found.report.errors:
            print(f"To be mended before it can be trained: {problem.sentence}")
    return True


def _summary(found: Imported) -> str:
    report = found.report
    shapes = " → ".join(
        shape_text(shape) for shape in (report.layers[0].input_shape, report.layers[-1].output_shape) if shape is not None
    )
    parameters = report.parameters.total if report.parameters else 0
    return f"{found.experiment.name}, {shapes}, {counted(len(report.layers), 'layer')}, {counted(parameters, 'parameter')}"
