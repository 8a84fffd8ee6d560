"""Every dialog the window opens, in one object that tests replace."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLabel, QMessageBox, QPushButton, QWidget

from models.experiment.experiment import Network
from models.storage.files import suffix, with_suffix
from models.storage.formats import formats

Answer = Literal["save", "discard", "cancel"]
Weights = Literal["trained", "present"]

experiment_filter = f"Wiggle experiments (*{suffix});;All files (*)"
network_filter = "Keras networks (*.keras *.json *.h5);;All files (*)"
data_filter = "Data (*.csv *.tsv *.txt *.npz);;All files (*)"


@dataclass(frozen=True)
class BlockQuestion:
    """What a person is to be asked about a block."""

    title: str
    word: str
    """On the button that agrees."""
    layers: Network
    place: Callable[[str], Path]
    """The file of a block of this name; raises `BadInput` where none can be."""


def plainly(box: QMessageBox) -> QMessageBox:
    """`box`, whose words hold names and paths that anybody may have given: “<b>” in them is no mark of bold letters."""
    for words in box.findChildren(QLabel):
        words.setTextFormat(Qt.TextFormat.PlainText)
    return box


def agreed(parent: QWidget, question: str, more: str, word: str) -> bool:
    """Whether a person agrees to what cannot be undone; `word` says on the button what it is."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Wiggle")
    box.setText(question)
    box.setInformativeText(more)
    agree = box.addButton(word, QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    plainly(box).exec()
    return box.clickedButton() is agree


def may_write(parent: QWidget, name: str, path: Path) -> bool:
    """Whether to write `path` where a person chose `name` without its suffix: the dialog did not ask about a file there."""
    if path == Path(name) or not path.exists():
        return True
    return agreed(parent, f"{path.name} is there already.", "What is in it will be lost.", "Replace")


class Prompts:
    """Asks and tells; every method blocks until the person has answered."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent

    def file_to_open(self, folder: Path) -> Path | None:
        """The experiment file to open, or none."""
        return self._chosen(QFileDialog.getOpenFileName(self._parent, "Open experiment", str(folder), experiment_filter)[0])

    def file_to_save(self, suggestion: Path) -> Path | None:
        """The file to save the experiment in, with its suffix, or none."""
        name = QFileDialog.getSaveFileName(self._parent, "Save experiment", str(suggestion), experiment_filter)[0]
        return self._to_write(name, with_suffix(Path(name))) if name else None

    def data_file(self, folder: Path) -> Path | None:
        """The CSV or NPZ file to learn from, or none."""
        return self._chosen(QFileDialog.getOpenFileName(self._parent, "Open data", str(folder), data_filter)[0])

    def network_file(self, folder: Path) -> Path | None:
        """The network of Keras to import, or none."""
        return self._chosen(QFileDialog.getOpenFileName(self._parent, "Import a Keras network", str(folder), network_filter)[0])

    def file_to_export(self, title: str, suggestion: Path, wanted: str) -> Path | None:
        """Where to export to; `wanted` is the suffix, such as ``.py``, or empty for a folder."""
        name = QFileDialog.getSaveFileName(self._parent, title, str(suggestion), f"*{wanted}")[0]
        if not name:
            return None
        known = {form.suffix for form in formats.values()} - {""}
        stem = Path(name).with_suffix("") if Path(name).suffix in known else Path(name)  # “rate 0.01” has a dot, too
        return self._to_write(name, stem.with_name(stem.name + wanted))

    def which_network(self) -> Weights | None:
        """Which network to export where it was changed since it was trained, or none."""
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Export")
        box.setText("The network was changed since it was trained. Which one shall be exported?")
        trained = box.addButton("As it was &trained", QMessageBox.ButtonRole.AcceptRole)
        present = box.addButton("As it is &now, untrained", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(trained)
        trained.setMinimumWidth(trained.sizeHint().width() + 20)  # the style writes the default button in bold, unseen by Qt
        present.setMinimumWidth(present.sizeHint().width())  # on a small screen the box would be narrower than its buttons
        box.exec()
        answers: tuple[tuple[QPushButton, Weights], ...] = ((trained, "trained"), (present, "present"))
        return next((answer for button, answer in answers if box.clickedButton() == button), None)

    def block_name(self, question: BlockQuestion, usual: str) -> str | None:
        """What a block is to be called, or none."""
        from gui.block_dialog import BlockDialog

        dialog = BlockDialog(question, usual, self._parent)
        given = dialog.exec()
        dialog.deleteLater()
        return dialog.name if given else None

    def agreed(self, question: str, more: str, word: str) -> bool:
        """Whether a person agrees to what cannot be undone; `word` says on the button what it is."""
        return agreed(self._parent, question, more, word)

    def number(self, title: str, question: str, usual: int, least: int, most: int) -> int | None:
        """A whole number from `least` to `most`, or none."""
        number, given = QInputDialog.getInt(self._parent, title, question, usual, least, most)
        return number if given else None

    def unsaved_changes(self, name: str) -> Answer:
        """What to do with changes that are not saved."""
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Unsaved changes")
        box.setText(f"Save the changes to “{name}”?")
        box.setInformativeText("Without saving they are lost.")
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        answers: dict[int, Answer] = {buttons.Save.value: "save", buttons.Discard.value: "discard"}
        return answers.get(plainly(box).exec(), "cancel")

    def trouble(self, sentence: str, remedy: str = "", details: str = "") -> None:
        """Tell what went wrong and what to do; the details are folded and can be copied."""
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Wiggle")
        box.setText(sentence)
        box.setInformativeText(remedy)
        if details:
            box.setDetailedText(details)
        plainly(box).exec()

    def information(self, title: str, text: str) -> None:
        """Tell something worth knowing; `text` may have marks of HTML."""
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.Information)
        box.setWindowTitle(title)
        box.setText(text)
        box.exec()

    def _to_write(self, name: str, path: Path) -> Path | None:
        return path if may_write(self._parent, name, path) else None

    def _chosen(self, name: str) -> Path | None:
        return Path(name) if name else None
