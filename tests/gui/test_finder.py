"""The search for a learning rate: refused where nothing can be trained, drawn when it is over, used as one undo step."""

import numpy as np
import pytest
from msgspec.structs import replace

from models.experiment import edits
from models.telemetry.sweep import Sweep
from tests.gui.scripted import train, worker

rates = np.geomspace(1e-7, 10, 30)
losses = np.where(rates < 0.5, 0.7 - 0.05 * np.log10(rates / 1e-7), np.inf)
swept = Sweep(rates, losses + 0.01, losses, 0.01234, "The loss falls fastest at 0.0123.")


@pytest.fixture
def finder(window):
    window.actions_.find_rate.trigger()
    return window.finder


def test_the_button_beside_the_learning_rate_searches_in_the_worker(window):
    window.toolbar.find_button.click()
    experiment, device, control, _ = worker(window).searches[-1]
    assert experiment == window.document.experiment
    assert device == window.training.device
    assert not control.stopped
    assert window.finder.isVisible()
    assert window.finder.stop.isEnabled()
    assert not window.finder.use.isEnabled()
    assert window.finder.use.toolTip() == "No learning rate is suggested, or not yet."
    assert window.finder.again.toolTip() == "It is being searched."
    assert not window.runner.running


def test_what_was_found_is_drawn_and_used_as_one_undo_step(window, finder):
    before = window.document.experiment
    worker(window).find(swept)
    window.runner.deliver()
    assert finder.sentence.text() == swept.sentence
    assert finder.curve.smooth == [(rate, loss) for rate, loss in zip(rates, losses, strict=True) if np.isfinite(loss)]
    assert finder.use.text() == "Use 0.0123"
    finder.use.click()
    assert window.document.experiment.training.optimizer.learning_rate == 0.0123
    assert window.document.undo_text == "Use learning rate 0.0123"
    assert not finder.isVisible()
    window.document.undo()
    assert window.document.experiment == before
    assert window.document.undo_text is None


def test_no_suggestion_no_use(window, finder):
    worker(window).find(replace_suggestion(None, "The loss never falls."))
    window.runner.deliver()
    assert finder.sentence.text() == "The loss never falls."
    assert not finder.use.isEnabled()
    assert finder.again.isEnabled()
    assert finder.again.toolTip() == ""
    assert finder.stop.toolTip() == "Nothing is being searched."


def test_a_failure_is_one_sentence(window, finder):
    worker(window).find(None, "The device ran out of memory.")
    window.runner.deliver()
    assert finder.sentence.text() == "The device ran out of memory."
    assert finder.curve.sweep is None
    assert window.prompts.troubles == []


def test_an_experiment_with_errors_is_not_searched(window):
    window.document.apply("Remove all", edits.with_network(window.document.experiment, ()))
    window.actions_.find_rate.trigger()
    assert worker(window).searches == []
    assert window.finder is None
    assert window.status.message.text().startswith("Not searched: There is no layer")


def test_it_can_be_stopped_and_closing_stops_it(window, finder):
    finder.stop.click()
    assert worker(window).searches[-1][2].stopped
    worker(window).find(swept)
    window.runner.deliver()
    finder.again.click()
    assert not worker(window).searches[-1][2].stopped
    finder.close()
    assert worker(window).searches[-1][2].stopped


def test_the_answer_of_an_older_search_is_dropped(window, finder):
    older = worker(window).searches[-1][3]
    window.actions_.find_rate.trigger()
    worker(window).find(swept, search=older)
    window.runner.deliver()
    assert finder.curve.sweep is None
    assert finder.searching


def test_training_ends_a_search_and_none_starts_meanwhile(window, finder):
    train(window)
    assert worker(window).searches[-1][2].stopped
    assert not window.actions_.find_rate.isEnabled()
    worker(window).find(swept)
    window.runner.deliver()
    assert not finder.again.isEnabled()
    worker(window).end()
    window.runner.deliver()
    assert window.actions_.find_rate.isEnabled()
    assert finder.again.isEnabled()


def test_a_change_since_the_search_is_noted(window, finder):
    worker(window).find(swept)
    window.runner.deliver()
    assert not finder.note.isVisible()
    window.document.apply("Change seed", replace(window.document.experiment, seed=3))
    assert finder.note.isVisible()
    window.document.undo()
    assert not finder.note.isVisible()


def test_closing_the_window_ends_a_search(window, finder):
    window.close()
    assert worker(window).searches[-1][2].stopped


def replace_suggestion(suggestion, sentence):
    return Sweep(swept.rates, swept.losses, swept.smoothed, suggestion, sentence)
