"""Whether a window can open, for various machines."""

import pytest

from models.headless import screen


@pytest.fixture
def installed(monkeypatch):
    """The libraries that can be opened; none in the beginning."""
    found = set()
    monkeypatch.setattr(screen, "_opens", lambda library: library in found)
    monkeypatch.setattr(screen.sys, "platform", "linux")
    return found


@pytest.mark.parametrize(
    ("environment", "x11"),
    [
        ({"DISPLAY": ":0"}, True),
        ({"QT_QPA_PLATFORM": "xcb"}, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, False),
        ({"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}, False),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0", "XDG_SESSION_TYPE": "wayland"}, False),
        ({"WAYLAND_DISPLAY": "wayland-0"}, False),
    ],
)
def test_the_libraries_of_x11_are_asked_for_where_it_is_used(environment, x11, installed):
    installed |= set(screen.libraries)
    assert screen.missing_libraries(environment) == (tuple(screen.x11_libraries) if x11 else ())


def test_everything_else_is_asked_for_everywhere(installed):
    assert screen.missing_libraries({"QT_QPA_PLATFORM": "offscreen"}) == tuple(screen.libraries)


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr(screen.sys, "platform", "win32")
    assert screen.missing_libraries({}) == ()
    assert screen.why_no_display({}) == ""


@pytest.mark.parametrize(
    ("environment", "answers", "shown"),
    [
        ({}, True, False),
        ({"DISPLAY": ":0"}, True, True),
        ({"DISPLAY": ":0"}, False, False),
        ({"WAYLAND_DISPLAY": "wayland-0"}, False, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, False, True),
        ({"QT_QPA_PLATFORM": "vnc:port=5901"}, False, True),
    ],
)
def test_where_a_window_can_be_shown(environment, answers, shown, installed, monkeypatch):
    monkeypatch.setattr(screen, "_answers", lambda: answers)
    assert (screen.why_no_display(environment) == "") is shown


def test_a_display_that_is_not_there_does_not_answer(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":987")
    assert not screen._answers()
