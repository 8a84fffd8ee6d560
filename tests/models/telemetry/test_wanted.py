"""What several panels want becomes one wish, and what comes late finds its place or is dropped."""

from models.telemetry.control import Control
from models.telemetry.events import Probed
from models.telemetry.history import History
from models.telemetry.wanted import Looks, Wanted


def of_units(layer):
    return Wanted(neurons=frozenset({layer}))


def test_wishes_of_several_panels_become_one():
    both = frozenset("ab")
    assert of_units("a") | Wanted(example=3) | Wanted(weights=both, predictions=True) == Wanted(
        frozenset("a"), both, True, example=3
    )
    assert Wanted(answers=True) | Wanted(predictions=True) == Wanted(predictions=True, answers=True)
    assert of_units("a") | of_units("b") == of_units("b") | of_units("a") == Wanted(both)
    assert Wanted(example=1) | Wanted(example=2) == Wanted(example=1)
    assert Wanted() | Wanted() == Wanted()


def test_a_wish_holds_until_there_is_another():
    control = Control()
    assert control.wanted == Wanted()
    control.want(of_units("a"))
    assert control.wanted == control.wanted == of_units("a")


def test_only_the_newest_look_inside_keeps_what_panels_wanted():
    history = History()
    for step in (1, 2):
        history.append(Probed(1, step, (), looks=Looks(of_units("a"))))
    assert [probe.looks for probe in history.probes()] == [None, Looks(of_units("a"))]


def test_a_later_look_joins_the_newest_one_of_the_same_step():
    history, looks = History(), Looks(Wanted(predictions=True))
    history.look_closer(0, looks)
    assert history.last_probe is None
    history.append(Probed(1, 5, ()))
    history.look_closer(4, looks)
    assert history.last_probe.looks is None
    history.look_closer(5, looks)
    assert history.shown_probe.looks is looks
    assert history.probes_seen == 1
