"""Lets work that nobody wants any more end early.

To build and compile 200 layers takes many seconds, in which Python holds the interpreter lock most of the time and everything
else in the process is slow. What is made ready ahead therefore asks again and again whether it is still wanted.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator

_of_thread = threading.local()


class Unwanted(Exception):
    """What this thread is making is wanted no more."""


@contextlib.contextmanager
def as_long_as(is_wanted: Callable[[], bool]) -> Iterator[None]:
    """Let `go_on` raise, in this thread, once what is made inside is wanted no more."""
    _of_thread.is_wanted = is_wanted
    try:
        yield
    finally:
        del _of_thread.is_wanted


def go_on() -> None:
    """Do nothing; raise `Unwanted` where what this thread is making is wanted no more."""
    is_wanted = getattr(_of_thread, "is_wanted", None)
    if is_wanted is not None and not is_wanted():
        raise Unwanted
