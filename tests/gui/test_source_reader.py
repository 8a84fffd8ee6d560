"""Sources are looked at in a thread; whatever goes wrong there, the next question is answered."""

import threading

from PySide6.QtCore import QObject

from gui.source_reader import SourceReader
from models.experiment.data import Iris, Sine


def test_where_memory_runs_out_the_next_question_is_answered_all_the_same(qtbot, monkeypatch):
    reported, asked = [], []
    monkeypatch.setattr(threading, "excepthook", lambda failure: reported.append(failure.exc_type))

    def look(source, seed):
        asked.append(source.kind())
        if len(asked) == 1:
            raise MemoryError
        return source.kind()

    owner = QObject()
    reader = SourceReader(look, owner)
    answers = []
    reader.answered.connect(answers.append)
    assert reader.ask(Iris(), 0)
    qtbot.waitUntil(lambda: not reader.running)
    assert reported == [MemoryError]
    assert answers == []
    for source in (Iris(), Sine()):
        assert reader.ask(source, 0)
        qtbot.waitUntil(lambda: not reader.running)
    assert answers == ["iris", "sine"]
    assert asked == ["iris", "iris", "sine"]
