"""The mailbox loses no step, keeps the order, and drops what comes late."""

import threading

import numpy as np

from models.telemetry.events import Ended, PhaseChanged, Probed, StepsTaken
from models.telemetry.mailbox import Mailbox


def steps(run, first, count=1):
    numbers = np.ones(count)
    return StepsTaken(run, first, np.ones(count, dtype=np.int64), numbers, {}, numbers, {}, 0.01)


def test_events_come_out_once_and_in_order():
    mailbox = Mailbox()
    events = [PhaseChanged(1, "training"), steps(1, 1), Probed(1, 1, ()), steps(1, 2), Ended(1, "finished", "", 2, 1)]
    for event in events:
        mailbox.put(event)
    assert mailbox.drain() == tuple(events)
    assert mailbox.drain() == ()


def test_only_the_first_and_the_latest_probes_wait_but_every_step_does():
    mailbox = Mailbox()
    for number in range(1, 51):
        mailbox.put(steps(1, number))
        mailbox.put(Probed(1, number, ()))
    drained = mailbox.drain()
    assert [event.step for event in drained if isinstance(event, Probed)] == [1, 48, 49, 50]
    assert [event.first_step for event in drained if isinstance(event, StepsTaken)] == list(range(1, 51))
    assert isinstance(drained[-1], Probed)
    assert isinstance(drained[-2], StepsTaken)


def test_events_of_an_older_run_are_dropped_whether_they_wait_or_come_later():
    mailbox = Mailbox()
    mailbox.put(steps(1, 1))
    mailbox.accept(2)
    mailbox.put(steps(1, 2))
    mailbox.put(steps(2, 1))
    mailbox.put(Ended(1, "stopped", "", 2, 1))
    assert [(event.run, event.first_step) for event in mailbox.drain()] == [(2, 1)]


def test_nothing_is_lost_between_threads():
    mailbox = Mailbox()
    worker = threading.Thread(target=lambda: [mailbox.put(steps(1, number)) for number in range(2000)])
    worker.start()
    seen = []
    while worker.is_alive():
        seen += mailbox.drain()
    worker.join()
    seen += mailbox.drain()
    assert [event.first_step for event in seen] == list(range(2000))
