"""The way from a thread that reads a file back into the window."""

from PySide6.QtCore import QObject, Signal


class Messenger(QObject):
    """Brings an answer from a thread to the window's; belongs to both, so that it outlives who asked and is gone meanwhile."""

    done = Signal(object)
    """What the thread found; for the thread, only this may touch the window."""
