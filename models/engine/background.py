"""Threads that work for the engine beside the one that trains. Knows nothing of TensorFlow, so that everybody may ask."""

import threading
import time
from collections.abc import Callable

_threads: list[threading.Thread] = []


def start(work: Callable[[], None], name: str) -> threading.Thread:
    """Do `work` in a thread of its own. The process ends after it only: otherwise TensorFlow would end it with a crash."""
    thread = threading.Thread(target=work, name=name, daemon=False)
    _threads[:] = [other for other in _threads if other.is_alive()]
    _threads.append(thread)
    thread.start()
    return thread


def wait(seconds: float) -> bool:
    """Whether all such threads have ended, after at most so many seconds."""
    ends = time.monotonic() + seconds
    for thread in list(_threads):
        thread.join(max(0.0, ends - time.monotonic()))
    return not any(thread.is_alive() for thread in _threads)
