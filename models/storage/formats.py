"""What an experiment can leave as, for command line and menu alike."""

from dataclasses import dataclass
from typing import Literal

Content = Literal["script", "network", "drawing"]
"""The whole experiment as a script; the network, with weights where the format holds any; or what it looks like."""


@dataclass(frozen=True)
class Format:
    """A kind of file that `export` writes."""

    name: str
    """As it is typed after ``--to``."""
    title: str
    suffix: str
    """Of the file; empty where it is a folder."""
    content: Content
    tip: str

    @property
    def is_folder(self) -> bool:
        """Whether a folder is written."""
        return not self.suffix


formats: dict[str, Format] = {
    known.name: known
    for known in (
        Format("script", "Keras script", ".py", "script", "A plain Keras script that trains the same network, with its data"),
        Format("keras", "Keras model", ".keras", "network", "The network with its weights, for keras.models.load_model"),
        Format("json", "Keras JSON", ".json", "network", "The network without weights, for keras.models.model_from_json"),
        Format("saved_model", "SavedModel", "", "network", "A folder for TensorFlow and TensorFlow Serving"),
        Format("litert", "LiteRT", ".tflite", "network", "For phones and small devices"),
        Format("onnx", "ONNX", ".onnx", "network", "For ONNX Runtime and other programs"),
        Format("svg", "Picture (SVG)", ".svg", "drawing", "A picture of the network that stays sharp at any size"),
        Format("png", "Picture (PNG)", ".png", "drawing", "A picture of the network"),
        Format("markdown", "Table (Markdown)", ".md", "drawing", "A table of the layers for a text"),
        Format("csv", "Table (CSV)", ".csv", "drawing", "A table of the layers for a spreadsheet"),
    )
}
"""All of them by name, in the order in which they are offered."""
