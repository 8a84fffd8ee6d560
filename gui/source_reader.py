"""Looks at sources of data in a thread of its own, so that the window lives on while a large file is read."""

import os
import threading
from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from gui.messenger import Messenger
from models.experiment.data import FileSource, Source

Look = Callable[[Source, int], object]
"""What is done with a source and a seed; takes its time, touches nothing of the window, and never raises for bad data."""


class Question(NamedTuple):
    """What an answer depends on."""

    source: Source
    seed: int
    stamp: int | None
    """When the file was written last."""


class SourceReader(QObject):
    """Looks at one source at a time; of several questions only the last is answered."""

    answered = Signal(object)
    """What was found out about the source that was asked for last."""

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look
        self._wanted: Question | None = None
        self._running = False
        self._messenger = Messenger()
        self._messenger.done.connect(self._take)

    @property
    def running(self) -> bool:
        """Whether an answer is on its way."""
        return self._running

    def ask(self, source: Source, seed: int) -> bool:
        """Look at `source`, unless that was done last; tells whether an answer will come."""
        question = Question(source, seed, _stamp(source))
        if question == self._wanted:
            return self._running
        self._wanted = question
        if not self._running:
            self._start()
        return True

    def _start(self) -> None:
        assert self._wanted is not None
        self._running = True
        arguments = (self._messenger, self._look, self._wanted)
        threading.Thread(target=_work, args=arguments, name="source reader", daemon=True).start()

    def _take(self, answer: tuple[Question, object | None]) -> None:
        question, found = answer
        self._running = False
        if question != self._wanted:
            self._start()
        elif found is not None:
            self.answered.emit(found)
        else:
            self._wanted = None  # whoever asks again may find it readable, or memory free


def _work(messenger: Messenger, look: Look, question: Question) -> None:
    """Runs in the thread; what was found out is none where that failed."""
    found = None
    try:
        found = look(question.source, question.seed)
    finally:  # where memory runs out, too: a reader that waits for ever would answer nobody any more
        messenger.done.emit((question, found))


def _stamp(source: Source) -> int | None:
    try:
        return os.stat(source.path).st_mtime_ns if isinstance(source, FileSource) else None
    except OSError:
        return None
