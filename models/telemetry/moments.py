"""The moments of a run that one can go back to: looks inside and states of the network, in a stated amount of memory."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from operator import attrgetter
from typing import TypeVar

import numpy as np

from models.telemetry.allowance import Allowance
from models.telemetry.events import Probed, StateKept
from models.telemetry.thinning import ThinnedList

Moment = TypeVar("Moment", Probed, StateKept)

least_moments = 4
"""Of either kind, however large they are: fewer could not show a course."""
object_bytes = 56
"""About what a number, a name or the head of an array takes in Python."""


class Moments:
    """Looks inside, and states of the network, from the whole run; either kind evenly thinned.

    The first and the newest of both stay, and of the states the last one before the end of the best epoch. The newest look is
    kept as it came; others are kept without what only the visible panels wanted, which a state gives again.
    """

    def __init__(self, capacity: int, allowance: Allowance) -> None:
        """At most `capacity` looks and as many states; fewer where they are large."""
        self._capacity = capacity
        self._allowance = allowance
        self._looks: ThinnedList[Probed] | None = None
        self._states: ThinnedList[StateKept] | None = None
        self._best: StateKept | None = None
        self.newest: Probed | None = None
        """The newest look, with everything that came with it."""

    def append(self, look: Probed) -> None:
        """Add a look; one after the same step as the newest takes its place."""
        self.newest = look
        bare = replace(look, surface=None, looks=None)
        if self._looks is None:
            self._looks = ThinnedList(self._room(self._allowance.looks, bare))
        _add(self._looks, bare)

    def append_state(self, state: StateKept, curves: int) -> None:
        """Add a state, `curves` being the bytes that these take; one after the same step as the newest takes its place."""
        if self._states is None:
            looks = self._capacity * size_of(self._looks.items[0]) if self._looks is not None else 0
            room = self._allowance.states_beside(curves + min(looks, self._allowance.looks))
            self._states = ThinnedList(self._room(room, state) - 2)  # one more is the best, and one more is on its way
        _add(self._states, state)

    def hold_newest_state(self) -> None:
        """Keep the newest state, whatever comes, instead of the one that was held before."""
        self._best = self._states.items[-1] if self._states is not None else None

    def looks(self) -> tuple[Probed, ...]:
        """All kept looks, oldest first."""
        bare = self._looks.items[:-1] if self._looks is not None else ()
        return (*bare, *((self.newest,) if self.newest is not None else ()))

    def states(self) -> tuple[StateKept, ...]:
        """All kept states, oldest first."""
        found = {state.step: state for state in self._states.items} if self._states is not None else {}
        if self._best is not None:
            found[self._best.step] = self._best
        return tuple(found[step] for step in sorted(found))

    def steps(self) -> tuple[int, ...]:
        """The steps after which there is a look or a state."""
        return tuple(sorted({look.step for look in self.looks()} | {state.step for state in self.states()}))

    def look_at(self, step: int) -> Probed | None:
        """The latest look that is not after `step`."""
        return _latest(self.looks(), step)

    def state_at(self, step: int) -> StateKept | None:
        """The latest state that is not after `step`."""
        return _latest(self.states(), step)

    def until(self, step: int) -> "Moments":
        """A copy that ends with the last moment that is not after `step`."""
        copy = Moments(self._capacity, self._allowance)
        copy._looks, copy._states = _until(self._looks, step), _until(self._states, step)
        copy._best = self._best if self._best is not None and self._best.step <= step else None
        copy.newest = self.look_at(step)
        return copy

    @property
    def nbytes(self) -> int:
        """About how many bytes everything takes that is kept."""
        return sum(map(size_of, (*self.looks(), *self.states())))

    def _room(self, room: int, first: Probed | StateKept) -> int:
        """How many moments like the `first` fit."""
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


def _add(moments: ThinnedList[Moment], newest: Moment) -> None:
    if moments.items and moments.items[-1].step == newest.step:
        moments.amend(newest)
    else:
        moments.append(newest)


def _latest(moments: Sequence[Moment], step: int) -> Moment | None:
    place = bisect_right(moments, step, key=attrgetter("step"))
    return moments[place - 1] if place else None


def _until(moments: ThinnedList[Moment] | None, step: int) -> ThinnedList[Moment] | None:
    return moments and moments.until(bisect_right(moments.items, step, key=attrgetter("step")))
