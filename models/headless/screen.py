"""Whether a window can open here, and what is missing if not. Asked on Linux only; elsewhere a window always can."""

import ctypes
import sys
from collections.abc import Mapping

libraries = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""What Qt loads, and the package of Debian and Ubuntu that has it."""
x11_libraries = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
"""What Qt loads beside them to show windows with X11."""
platforms_without_screen = ("offscreen", "minimal", "vnc", "eglfs", "linuxfb", "vkkhrdisplay")
"""Qt's platforms that need no desktop."""

Environment = Mapping[str, str]


def install_line() -> str:
    """The command that installs everything a window needs."""
    return f"sudo apt-get install -y {' '.join([*libraries.values(), *x11_libraries.values()])}"


def why_no_display(environment: Environment) -> str:
    """Why no window can be shown, as a sentence; empty where one can."""
    if sys.platform != "linux" or _platform(environment) in platforms_without_screen or environment.get("WAYLAND_DISPLAY"):
        return ""
    display = environment.get("DISPLAY")
    if not display:
        return "There is no display, so no window can open."
    if not _answers():
        return f"The display {display} does not answer, so no window can open."
    return ""


def missing_libraries(environment: Environment) -> tuple[str, ...]:
    """Names of the system's libraries that a window needs and that are not installed."""
    if sys.platform != "linux":
        return ()
    needed = [*libraries, *(x11_libraries if _uses_x11(environment) else ())]
    return tuple(name for name in needed if not _opens(name))


def _platform(environment: Environment) -> str:
    return environment.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]


def _uses_x11(environment: Environment) -> bool:
    if platform := _platform(environment):
        return platform == "xcb"
    wayland = bool(environment.get("WAYLAND_DISPLAY")) and environment.get("XDG_SESSION_TYPE") == "wayland"
    return bool(environment.get("DISPLAY")) and not wayland


def _opens(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _answers() -> bool:
    """Whether the X server named by DISPLAY can be reached; Qt would abort the process. True where that cannot be found out."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    for function in (xcb.xcb_connection_has_error, xcb.xcb_disconnect):
        function.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    error = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not error
