"""Carries what a run reports from the thread that trains to the one that looks."""

import threading

from models.telemetry.events import Event, Probed, StateKept


class Mailbox:
    """Events put in by the training thread, taken out in order by whoever looks, at its own pace.

    Every step arrives: only of `Probed` and of `StateKept` no more than the oldest and the latest few wait, so that a window that
    was busy for a while does not have to catch up on what nobody would see, and yet gets the first of a run. Events of runs
    before the accepted one are dropped.
    """

    moments_kept = 4

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._run = 0

    def accept(self, run: int) -> None:
        """From now on take events of `run` and later ones; older ones are dropped, also those that wait already."""
        with self._lock:
            self._run = run
            self._events = [event for event in self._events if event.run >= run]

    def put(self, event: Event) -> None:
        """Add `event`; may be called from any thread and never waits for the reader."""
        with self._lock:
            if event.run < self._run:
                return
            if isinstance(event, Probed | StateKept):
                self._make_room_for_a_moment(type(event))
            self._events.append(event)

    def drain(self) -> tuple[Event, ...]:
        """Take out everything that waits, oldest first."""
        with self._lock:
            events, self._events = self._events, []
        return tuple(events)

    def _make_room_for_a_moment(self, kind: type[Event]) -> None:
        waiting = [place for place, event in enumerate(self._events) if isinstance(event, kind)]
        if len(waiting) >= self.moments_kept:
            del self._events[waiting[1]]
