"""What the program remembers of a person from one start to the next."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

recent_limit = 10
usual_megabytes = 256
"""For the record of a run."""
least_megabytes = 64


class Settings:
    """Recent files, window geometry, theme and device, kept where the system keeps such things."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings("wiggle", "wiggle")

    @property
    def recent_files(self) -> tuple[Path, ...]:
        """Files opened or saved last, newest first; only those that still exist."""
        stored = self._store.value("recent_files")
        names = [stored] if isinstance(stored, str) else stored  # QSettings gives a list of one as text
        return tuple(path for path in map(Path, names) if path.is_file()) if isinstance(names, list) else ()

    def remember_file(self, path: Path) -> None:
        """Put `path` at the head of the recent files."""
        path = path.absolute()
        rest = [other for other in self.recent_files if other != path]
        self._store.setValue("recent_files", [str(item) for item in [path, *rest][:recent_limit]])

    def forget_files(self) -> None:
        """Empty the list of recent files."""
        self._store.remove("recent_files")

    @property
    def folder(self) -> Path:
        """The folder a file dialog starts in."""
        recent = self.recent_files
        return recent[0].parent if recent else Path.home()

    @property
    def theme(self) -> str:
        """``system``, ``light`` or ``dark``."""
        return str(self._store.value("theme", "system"))

    @theme.setter
    def theme(self, name: str) -> None:
        self._store.setValue("theme", name)

    @property
    def device(self) -> str:
        """``auto``, ``cpu``, ``gpu:0``, …"""
        return str(self._store.value("device", "auto"))

    @device.setter
    def device(self, name: str) -> None:
        self._store.setValue("device", name)

    @property
    def zoom(self) -> int:
        """How large the cards of the stack are, in percent."""
        stored = str(self._store.value("zoom", 100))
        return int(stored) if stored.isdecimal() else 100

    @zoom.setter
    def zoom(self, percent: int) -> None:
        self._store.setValue("zoom", percent)

    @property
    def history_megabytes(self) -> int:
        """Memory for the record of a run, in which one can go back."""
        stored = str(self._store.value("history_megabytes", usual_megabytes))
        return max(least_megabytes, int(stored)) if stored.isdecimal() else usual_megabytes

    @history_megabytes.setter
    def history_megabytes(self, count: int) -> None:
        self._store.setValue("history_megabytes", count)

    def save_layout(self, name: str, state: QByteArray) -> None:
        """Remember the geometry or the splitter called `name`."""
        self._store.setValue(f"layout/{name}", state)

    def layout(self, name: str) -> QByteArray | None:
        """What `save_layout` remembered, if anything."""
        state = self._store.value(f"layout/{name}")
        return state if isinstance(state, QByteArray) else None
