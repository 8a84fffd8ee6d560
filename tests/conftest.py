"""What every test stands on: no screen, none of a person's own settings, and nothing left behind by a test of the window."""

import atexit
import functools
import gc
import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.engine import background
from models.headless import screen

root = Path(__file__).parents[1]
_home = tempfile.mkdtemp(prefix="wiggle-tests-")
_owner = os.getpid()


def _forget_home() -> None:
    if os.getpid() == _owner:
        shutil.rmtree(_home, ignore_errors=True)


atexit.register(_forget_home)

# Before anything of ours, Qt's or matplotlib's is imported: they read these once.
os.environ |= {
    "QT_QPA_PLATFORM": "offscreen",
    "MPLBACKEND": "agg",
    "HOME": _home,
    "XDG_CONFIG_HOME": f"{_home}/config",
    "XDG_DATA_HOME": f"{_home}/data",
    "XDG_STATE_HOME": f"{_home}/state",
    "XDG_CACHE_HOME": f"{_home}/cache",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}
for name in ("DISPLAY", "WAYLAND_DISPLAY", "PYTHONDONTWRITEBYTECODE"):
    os.environ.pop(name, None)


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Say what to install where pytest-qt would fail with an internal error for want of a system library."""
    if missing := screen.missing_libraries(os.environ):
        sentence = f"The window's tests need system libraries that are not installed ({', '.join(missing)})."
        pytest.exit(f"{sentence} Install them with:\n    {screen.install_line()}", returncode=2)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take ``--part 7/48``."""
    parser.addoption("--part", metavar="K/N", help="of the chosen tests, every N-th, from the K-th on")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the part of the chosen tests that was asked for."""
    if asked := config.getoption("part"):
        part, parts = map(int, asked.split("/"))
        kept = items[part % parts :: parts]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


def pytest_collection_finish() -> None:
    """Look for garbage among what tests make, and not each time in all tests and modules, a fifth of a second long.

    Nor as often as Python would: what TensorFlow traces is many objects that stay for a while, and few circles.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 10)


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test of the window that leaves a window, a running timer or a thread behind."""
    # Only what asks for an application can leave a widget behind; looking costs a third of a second.
    if not {"qtbot", "qapp"} & set(request.fixturenames):
        yield
        return
    watch_timers()
    before = leftovers()
    # What there is by now need not be looked through for garbage after every test. The window of the test before is garbage only
    # now, for pytest held its fixtures to the end: frozen with the rest it would stay for ever, with all its plots.
    gc.collect()
    gc.freeze()
    yield
    background.wait(60)
    gc.collect()
    left = sorted(text for key, text in leftovers().items() if key not in before)
    if left:
        pytest.fail(f"left behind: {', '.join(left)}", pytrace=False)


def leftovers() -> dict[tuple[str, int | None], str]:
    """Windows, running timers and threads there are at this moment, by something that tells them apart."""
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication
    from shiboken6 import getCppPointer, isValid

    found = {("thread", thread.ident): f"thread {thread.name}" for thread in threading.enumerate()}
    if (app := QCoreApplication.instance()) is None:
        return found
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    windows = [widget for widget in QApplication.topLevelWidgets() if widget.parent() is None and not is_tooltip(widget)]
    found |= {("window", getCppPointer(window)[0]): f"window {window!r}" for window in windows}
    running = [timer for timer in list(started) if isValid(timer) and timer.isActive()]
    return found | {("timer", getCppPointer(timer)[0]): f"running timer {timer!r} of {timer.parent()!r}" for timer in running}


def is_tooltip(widget: object) -> bool:
    """Whether `widget` is the one label that Qt keeps for all tooltips."""
    return type(widget).__name__ == "QTipLabel"


started: weakref.WeakSet[Any] = weakref.WeakSet()
"""Every QTimer that was started from Python and still exists."""


@functools.cache
def watch_timers() -> None:
    """Note from now on which timers are started; Qt itself cannot list them."""
    from PySide6.QtCore import QTimer

    start = QTimer.start

    def noted_start(self: QTimer, *arguments: int) -> None:
        started.add(self)
        start(self, *arguments)

    QTimer.start = noted_start
