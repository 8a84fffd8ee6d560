"""Which cases of a test run every time, and which with ``-m exhaustive`` only."""

from collections.abc import Iterable

import pytest


def seldom(*case: object) -> object:
    """A case of which others that run every time show the like."""
    return pytest.param(*case, marks=pytest.mark.exhaustive)


def sampled(cases: Iterable[object], *every_time: object) -> list[object]:
    """All `cases`; those that are not among `every_time` take minutes together and are marked."""
    return [pytest.param(case, marks=() if case in every_time else pytest.mark.exhaustive) for case in cases]
