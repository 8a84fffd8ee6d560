"""The slider under everything: it shows any moment of the run, and follows the run while it is live."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from gui.widgets import moment_slider
from models.telemetry.allowance import mebibyte
from models.telemetry.events import PhaseChanged
from tests.gui.scripted import train, worker


@pytest.fixture(autouse=True)
def tips(monkeypatch):
    """The texts shown at the pointer."""
    shown = []
    monkeypatch.setattr(moment_slider, "QToolTip", SimpleNamespace(showText=lambda place, text, widget: shown.append(text)))
    return shown


def run_with_moments(window, steps=(0, 10, 20, 30), taken=35, kept=True) -> None:
    """Train, with looks after `steps` and so many steps taken."""
    train(window)
    for step in range(0, taken + 1, 5):
        if step:
            worker(window).take_steps(step - 4, 5)
        if step in steps:
            worker(window).probe(step, kept=kept, dead=step / 100)
    window.runner.deliver()
    window._show_moment()


def slider(window):
    return window.time_bar.slider


def press(window, qtbot, *keys) -> None:
    for key in keys:
        qtbot.keyClick(slider(window), key)


def moment(window):
    return window.training.history.moment


def test_before_a_run_there_is_nowhere_to_go(window):
    assert not slider(window).isEnabled()
    assert slider(window).toolTip().startswith("While a network trains, moments are kept")
    assert window.time_bar.moments_label.text() == "no moments yet"
    assert not window.time_bar.branch_button.isEnabled()
    assert "press Train first" in window.time_bar.branch_button.toolTip()


def test_a_single_moment_is_one_moment(window):
    run_with_moments(window, steps=(0,), taken=5)
    assert window.time_bar.moments_label.text() == "1 moment"


def test_the_moment_of_a_pause_is_counted_though_it_comes_after_the_last_step(window):
    run_with_moments(window, steps=(0,), taken=5)
    worker(window).emit(PhaseChanged(worker(window).run, "paused"))
    window.runner.deliver()
    worker(window).probe(5, kept=True)
    window.runner.deliver()
    assert window.time_bar.moments_label.text() == "2 moments"


def test_the_slider_is_live_and_follows_the_run(window):
    run_with_moments(window)
    assert moment(window) is None
    assert slider(window).value() == slider(window).maximum()
    assert window.time_bar.step_label.text() == "step 35 · live"
    worker(window).take_steps(36, 5)
    window.runner.deliver()
    window._show_moment()
    assert slider(window).value() == slider(window).maximum()
    assert window.time_bar.step_label.text() == "step 40 · live"


def test_keys_go_from_moment_to_moment_to_the_first_and_back_to_the_run(window, qtbot):
    run_with_moments(window)
    seen = []
    keys = Qt.Key
    for key in (
        keys.Key_Left,
        keys.Key_Left,
        keys.Key_Right,
        keys.Key_Home,
        keys.Key_Left,
        keys.Key_PageUp,
        keys.Key_Left,
        keys.Key_End,
    ):
        press(window, qtbot, key)
        seen.append(moment(window))
    assert seen == [30, 20, 30, 0, 0, None, 30, None]


def test_everything_shows_the_moment_that_was_chosen_and_stays_there_while_the_run_goes_on(window, qtbot):
    run_with_moments(window)
    shown = []
    window.training.statistics_changed.connect(lambda probes: shown.append(next(iter(probes.values())).dead))
    press(window, qtbot, Qt.Key.Key_Left, Qt.Key.Key_Left)
    assert shown == [0.3, 0.2]
    assert window.training.history.shown_probe.step == 20
    worker(window).take_steps(36, 5)
    worker(window).probe(40, dead=0.4)
    window.runner.deliver()
    window._show_moment()
    assert shown == [0.3, 0.2], "the newest look is not shown"
    assert window.time_bar.step_label.text() == "step 20 · epoch 2"
    assert slider(window).value() == slider(window).maximum() // 2
    press(window, qtbot, Qt.Key.Key_End)
    assert shown[-1] == 0.4


def test_the_surface_of_a_moment_is_asked_for_and_shown_when_it_comes(window, qtbot):
    run_with_moments(window)
    press(window, qtbot, Qt.Key.Key_Left, Qt.Key.Key_Left)
    assert [moment.step for moment, _ in worker(window).revisits] == [30, 20]
    worker(window).see_again(30, np.ones((3600, 1)))
    window.runner.deliver()
    assert window.training.history.shown_probe.surface is None, "that was of the moment before"
    worker(window).see_again(20, np.full((3600, 1), 2.0))
    window.runner.deliver()
    assert window.training.history.shown_probe.surface.max() == 2
    worker(window).see_again(20, np.ones((3600, 1)), run=99)
    window.runner.deliver()
    assert window.training.history.shown_probe.surface.max() == 2


def test_a_moment_without_weights_shows_its_statistics(window, qtbot):
    run_with_moments(window, kept=False)
    press(window, qtbot, Qt.Key.Key_Home)
    assert worker(window).revisits == []
    assert moment(window) == 0
    assert window.time_bar.moments_label.text() == "0 of 4 moments"
    assert "but no weights, so that none can be gone back to" in window.time_bar.moments_label.toolTip()
    assert "statistics only" in window.time_bar.describe(10)
    worker(window).keep(35)
    window.runner.deliver()
    window._show_moment()
    assert window.time_bar.moments_label.text() == "1 of 5 moments"
    assert "as often as costs the training little" in window.time_bar.moments_label.toolTip(), (
        "memory is not what a short run lacks"
    )


def test_a_moment_that_was_not_looked_at_is_shown_when_the_worker_has_looked_back(window, qtbot):
    run_with_moments(window, steps=(0, 30))
    worker(window).keep(35)
    worker(window).take_steps(36, 5)
    window.runner.deliver()
    window._show_moment()
    shown = []
    window.training.statistics_changed.connect(lambda probes: shown.append(next(iter(probes.values())).dead))
    press(window, qtbot, Qt.Key.Key_Left)
    assert moment(window) == 35
    assert shown == [0.3], "until then the one before"
    worker(window).see_again(35, np.ones((3600, 1)), dead=0.7)
    window.runner.deliver()
    assert shown == [0.3, 0.7]


def test_a_click_goes_to_the_nearest_moment_and_says_what_was_then(window, qtbot, tips):
    run_with_moments(window)
    track = slider(window)
    for step, expected in ((20, 20), (13, 10), (35, None), (0, 0)):
        place = QPoint(round(track._pixel(step)), track.height() // 2)
        qtbot.mouseClick(track, Qt.MouseButton.LeftButton, pos=place)
        assert moment(window) == expected
        assert tips[-1] == window.time_bar.describe(35 if expected is None else expected)


def test_the_text_at_a_moment_says_step_epoch_and_loss(window):
    run_with_moments(window)
    worker(window).end_epoch(3, 30)
    window.runner.deliver()
    assert window.time_bar.describe(30).splitlines() == [
        "step 30 · epoch 3",
        "loss 0.0333",
        "validation loss 0.6 after epoch 3",
        "weights kept",
    ]
    assert window.time_bar.describe(0).splitlines()[0] == "step 0, before the first"
    assert "live" in window.time_bar.describe(35)


def test_nothing_jumps_while_numbers_grow(window):
    run_with_moments(window)
    before = slider(window).geometry()
    for first in (36, 1_000, 99_000):
        worker(window).take_steps(first, 5)
        worker(window).probe(first + 4, kept=True)
        window.runner.deliver()
        window._show_moment()
        window.layout().activate()
    assert slider(window).geometry() == before


def test_a_new_run_begins_live(window, qtbot):
    run_with_moments(window)
    press(window, qtbot, Qt.Key.Key_Home)
    worker(window).end(step=35)
    window.runner.deliver()
    train(window)
    assert moment(window) is None


def test_reset_empties_the_slider(window):
    run_with_moments(window)
    window.actions_.reset.trigger()
    assert not slider(window).isEnabled()
    assert window.time_bar.moments_label.text() == "no moments yet"


@pytest.mark.parametrize("chosen", [128, None])
def test_the_memory_of_the_history_is_a_setting(window, chosen):
    usual = worker(window).largest_state
    assert 0 < usual < 256 * mebibyte / 4
    window.prompts.number_answer = chosen
    window.actions_.history_memory.trigger()
    assert window._settings.history_megabytes == (chosen or 256)
    assert (worker(window).largest_state < usual) == bool(chosen)
