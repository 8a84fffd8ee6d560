"""What is built and compiled ahead ends early once nobody wants it, and leaves nothing behind that is half done."""

import threading

import numpy as np
import pytest

from models.engine import network
from models.engine.giving_up import Unwanted, as_long_as, go_on
from models.engine.session import Session
from models.telemetry.control import Control
from tests.models.engine.samples import data_for, experiment

pytestmark = pytest.mark.engine


def times(count):
    """Wanted when it is asked so many times, and no more then."""
    answers = iter([True] * count)
    return lambda: next(answers, False)


def test_it_asks_in_its_own_thread_alone_and_only_inside():
    go_on()
    with as_long_as(lambda: False):
        with pytest.raises(Unwanted):
            go_on()
        thread = threading.Thread(target=lambda: passed.append(go_on()))
        passed = []
        thread.start()
        thread.join()
    assert passed == [None]
    go_on()


@pytest.mark.parametrize("layers", [0, 1, 2])
def test_a_network_is_given_up_between_two_layers(layers):
    given = experiment()
    facts = data_for(given).facts
    with pytest.raises(Unwanted), as_long_as(times(layers)):
        network.build(given, facts)
    with as_long_as(times(len(given.network))):
        assert len(network.build(given, facts).layers) == 1 + len(given.network)


def test_a_compilation_that_is_given_up_can_be_done_again():
    given = experiment()
    prepared = data_for(given)
    session, control = Session(given, prepared, "cpu", compilation="graph"), Control()
    control.stop()
    before = session.predict(prepared.x_train[:5])
    asked = []
    for count in range(4):  # before the step is traced, behind the layers, behind the gradient, before what comes next
        with as_long_as(times(count)):
            assert session.train(lambda event: None, control).ending == "failed"
    with as_long_as(lambda: asked.append(True) is None):
        assert session.train(lambda event: None, control).ending == "stopped"
    assert len(asked) >= 3 + len(given.network)  # and between two layers of the first look
    assert np.array_equal(session.predict(prepared.x_train[:5]), before)
    assert session.train(lambda event: None, Control()).ending == "finished"
