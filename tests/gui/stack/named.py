"""What tests of the stack ask of its document."""

from gui.document import Document


def names(document: Document) -> list[str]:
    """The layers' names from top to bottom."""
    return [layer.name for layer in document.experiment.network]
