"""Reads large files of data in a thread of its own before the window needs to know what is in them."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from gui.messenger import Messenger
from models.experiment.data import Facts, FileSource
from models.experiment.errors import BadInput

most_read_at_once = 2**18
"""Bytes of a file that the window's thread reads itself: a table of this size takes 0.04 s."""

Work = Callable[[], object]
Answer = Callable[[object], None]


class ReadingAhead(QObject):
    """Hands on what was found in a file, as soon as it is read; of several files only the last one counts."""

    told = Signal(str)
    """What is being read, for the status bar; empty where nothing is any more."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._wish = 0
        self._answer: Answer | None = None
        self._messenger = Messenger()
        self._messenger.done.connect(self._take)

    @property
    def running(self) -> bool:
        """Whether an answer is on its way."""
        return self._answer is not None

    def read(self, path: Path, work: Work, answer: Answer) -> None:
        """Give what `work` finds in the file at `path` to `answer`: at once where the file is small.

        `work` touches nothing of the window, and returns, rather than raises, what is wrong with the file.
        """
        self.give_up()
        if _size(path) <= most_read_at_once:
            answer(work())
            return
        self._answer = answer
        self.told.emit(f"Reading {path.name} …")
        threading.Thread(target=_work, args=(self._messenger, self._wish, work), name="reading ahead", daemon=True).start()

    def give_up(self) -> None:
        """Forget what is being read: nobody waits for it any more."""
        self._wish += 1
        if self._answer is not None:
            self._answer = None
            self.told.emit("")

    def _take(self, done: tuple[int, object]) -> None:
        wish, found = done
        if wish != self._wish or self._answer is None:
            return
        answer = self._answer
        self.give_up()
        if isinstance(found, _Broken):
            raise found.error
        answer(found)


@dataclass(frozen=True)
class _Broken:
    """Something that no work may raise."""

    error: Exception


def _work(messenger: Messenger, wish: int, work: Work) -> None:
    """Runs in the thread."""
    try:
        found = work()
    except Exception as error:  # raised again where it is seen
        found = _Broken(error)
    messenger.done.emit((wish, found))


def known_facts(source: FileSource) -> Facts | None:
    """What `source` delivers, known from then on to whoever asks; none where it cannot be used, which ``check`` will say."""
    from models.data import read_facts

    try:
        return read_facts(source)
    except BadInput:
        return None


def _size(path: Path) -> int:
    """Bytes of a file, 0 where there is none: whoever reads it says so."""
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return 0
