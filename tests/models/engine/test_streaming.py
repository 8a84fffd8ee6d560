"""Examples that stream to the device give what examples on the device give."""

import pytest

from models.engine import streaming
from models.engine.session import Session
from models.engine.streaming import StreamLoop
from models.experiment.layers import BatchNormalization, Dense, Dropout
from models.experiment.losses import MeanSquaredError
from models.experiment.optimizers import SGD
from models.telemetry.control import Control
from tests.models.engine.samples import blind, data_for, epochs, experiment, losses, weights
from tests.sampling import sampled

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("as_written")]

noisy = (Dense(name="first", units=6), BatchNormalization(name="norm"), Dropout(name="drop", rate=0.4))


def run(value, prepared, most_bytes, **options):
    session, events = blind(Session(value, prepared, "cpu", resident_bytes=most_bytes, **options)), []
    session.train(events.append, Control())
    return session, events


@pytest.mark.parametrize("at_once", sampled((1, 5, 64), 5))
def test_streamed_examples_give_the_same_figures(monkeypatch, at_once):
    monkeypatch.setattr(streaming, "most_at_once", at_once)
    value = experiment(noisy, epochs=6, shuffle=True, metrics=("accuracy", "precision"))
    prepared = data_for(value, held=7)
    (resident, told), (streamed, told_streaming) = run(value, prepared, 2**30), run(value, prepared, 0, steps_per_call=4)

    assert isinstance(streamed._plain_loop(streamed.stepper.step, streamed.state), StreamLoop)
    assert streamed.stock.resident is None
    assert losses(told_streaming).tolist() == losses(told).tolist()
    assert epochs(told_streaming) == epochs(told)
    assert all((ours == theirs).all() for ours, theirs in zip(weights(streamed.model), weights(resident.model), strict=True))


def test_a_stream_goes_on_where_steps_were_taken_back():
    value = experiment(task="regression", loss=MeanSquaredError(), optimizer=SGD(learning_rate=1e4), epochs=50)
    prepared = data_for(value, "regression")
    (resident, told), (streamed, told_streaming) = run(value, prepared, 2**30), run(value, prepared, 0)
    assert told[-1].ending == told_streaming[-1].ending == "diverged"
    assert told_streaming[-1].sentence == told[-1].sentence
    assert losses(told_streaming).tolist() == losses(told).tolist()
    assert streamed.step == resident.step


def test_a_stream_may_begin_within_an_epoch():
    value = experiment(noisy, shuffle=True)
    prepared, told = data_for(value), []
    for most_bytes in (2**30, 0):
        session = Session(value, prepared, "cpu", resident_bytes=most_bytes)
        with session.scope():
            told.append(session.fresh()[1].take(session.batches.plan(4, 5, 0.1)).loss.tolist())
    assert told[0] == told[1]
