"""The moments of a run that one can go back to: looks inside and states of the network, in a stated amount of memory."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from operator import attrgetter

import numpy as np

from models.telemetry.allowance import Allowance
from models.telemetry.events import Probed
from models.telemetry.thinning import ThinnedList

least_moments = 4
object_bytes = 56
"""About what a number, a name or the head of an array takes in Python."""


class Moments:
    """Looks inside from the whole run, evenly thinned, and the states of the network that came with them, thinned by themselves.

    Of both the first and the newest stay, and of the states the last one before the end of the best epoch. The newest look is
    kept as it came; others are kept without what only the visible panels wanted, which a state gives again.
    """

    def __init__(self, capacity: int, allowance: Allowance) -> None:
        """At most `capacity` looks and as many states; fewer where they are large."""
        self._capacity = capacity
        self._allowance = allowance
        self._looks: ThinnedList[Probed] | None = None
        self._states: ThinnedList[Probed] | None = None
        self._best: Probed | None = None
        self.newest: Probed | None = None
        """The newest look, with everything that came with it."""

    def append(self, probe: Probed) -> None:
        """Add a look; one after the same step as the newest takes its place."""
        again = self.newest is not None and self.newest.step == probe.step
        self.newest = probe
        bare = replace(probe, surface=None, looks=None)
        look = replace(bare, state=None)
        if self._looks is None:
            self._looks = ThinnedList(self._room(self._allowance.looks, look))
        _add(self._looks, look, again=again)
        if probe.state is not None:
            if self._states is None:
                # One more is the best, and one more is on its way.
                self._states = ThinnedList(self._room(self._allowance.states, bare) - 2)
            _add(self._states, bare, again=bool(self._states.items) and self._states.items[-1].step == probe.step)

    def hold_newest_state(self) -> None:
        """Keep the newest state, whatever comes, instead of the one that was held before."""
        self._best = self._states.items[-1] if self._states is not None else None

    def looks(self) -> tuple[Probed, ...]:
        """All kept looks, oldest first; those with a state have it."""
        found = {probe.step: probe for probe in (*(self._looks.items if self._looks else ()), *self.states())}
        if self.newest is not None:
            found[self.newest.step] = self.newest
        return tuple(found[step] for step in sorted(found))

    def states(self) -> tuple[Probed, ...]:
        """The looks with a state, oldest first."""
        found = {probe.step: probe for probe in self._states.items} if self._states else {}
        if self._best is not None:
            found[self._best.step] = self._best
        return tuple(found[step] for step in sorted(found))

    def state_at(self, step: int) -> Probed | None:
        """The latest look with a state that is not after `step`."""
        states = self.states()
        place = bisect_right(states, step, key=attrgetter("step"))
        return states[place - 1] if place else None

    def until(self, step: int) -> "Moments":
        """A copy that ends with the last look that is not after `step`."""
        copy = Moments(self._capacity, self._allowance)
        copy._looks, copy._states = _until(self._looks, step), _until(self._states, step)
        copy._best = self._best if self._best is not None and self._best.step <= step else None
        copy.newest = next((look for look in reversed(self.looks()) if look.step <= step), None)
        return copy

    @property
    def nbytes(self) -> int:
        """About how many bytes everything takes that is kept."""
        return sum(map(size_of, self.looks()))

    def _room(self, room: int, first: Probed) -> int:
        """How many looks like the `first` fit."""
        return max(least_moments, min(self._capacity, room // max(size_of(first), 1)))


def size_of(value: object) -> int:
    """About how many bytes `value` takes, with everything it holds."""
    if isinstance(value, np.ndarray):
        return object_bytes + value.nbytes
    if isinstance(value, Mapping):
        return sum(map(size_of, value.values()))
    if isinstance(value, tuple):
        return sum(map(size_of, value))
    if is_dataclass(value):
        return object_bytes + sum(size_of(getattr(value, field.name)) for field in fields(value))
    return object_bytes


def _add(things: ThinnedList[Probed], probe: Probed, *, again: bool) -> None:
    if again:
        things.amend(probe)
    else:
        things.append(probe)


def _until(things: ThinnedList[Probed] | None, step: int) -> ThinnedList[Probed] | None:
    return things and things.until(bisect_right(things.items, step, key=attrgetter("step")))
