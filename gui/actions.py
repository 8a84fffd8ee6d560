"""Everything a person can ask for by menu or key, in one place; what is asked is done by the window."""

from collections.abc import Callable, Sequence
from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from models.storage.formats import formats

Key = QKeySequence.StandardKey | str | None


def allow(target: QAction | QWidget, obstacle: str, tip: str = "") -> None:
    """Let `target` be chosen, and say with `tip` what it does; or say the `obstacle` that is in its way."""
    words = obstacle or tip
    target.setEnabled(not obstacle)
    target.setToolTip(words)
    target.setStatusTip(words)


class Actions:
    """The actions of the window by name, with their shortcuts; the window connects and enables them."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent
        self._tips: dict[QAction, str] = {}
        """What each does, where that is more than its name says."""
        standard = QKeySequence.StandardKey
        self.new = self._action("&New", standard.New, "Start over with the default experiment")
        self.open = self._action("&Open…", standard.Open, "Open an experiment file")
        self.open_data = self._action("Open &data…", "Ctrl+Shift+O", "Learn from a CSV table or NPZ arrays")
        self.save = self._action("&Save", standard.Save, "Save the experiment")
        self.save_as = self._action("Save &as…", "Ctrl+Shift+S", "Save the experiment in another file")
        self.import_network = self._action("&Import…", None, "Make an experiment of a Keras network: .keras, JSON or .h5")
        self.exports = {form.name: self._action(f"{form.title}…", None, form.tip) for form in formats.values()}
        self.quit = self._action("&Quit", "Ctrl+Q", "Close the window")
        self.undo = self._action("&Undo", standard.Undo)
        self.redo = self._action("&Redo", standard.Redo)
        self.cut = self._action("Cu&t", standard.Cut)
        self.copy = self._action("&Copy", standard.Copy)
        self.paste = self._action("&Paste", standard.Paste)
        self.duplicate = self._action("Dup&licate", "Ctrl+D")
        self.repeat = self._action("Rep&eat…", "Ctrl+Shift+D", "Let the selected layers stand several times in a row")
        self.delete = self._action("&Delete", standard.Delete)
        self.select_all = self._action("Select &all", standard.SelectAll)
        self.find = self._action("&Find…", standard.Find, "Find layers by name, kind or value")
        self.find_next = self._action("Find &next", standard.FindNext)
        self.find_previous = self._action("Find pre&vious", standard.FindPrevious)
        self.zoom_in = self._action("Zoom &in", standard.ZoomIn, "Larger cards in the stack")
        self.zoom_in.setShortcuts([self.zoom_in.shortcut(), QKeySequence("Ctrl+=")])
        self.zoom_out = self._action("Zoom &out", standard.ZoomOut, "Smaller cards in the stack, a line each when they are small")
        self.zoom_usual = self._action("&Usual size", "Ctrl+0", "Cards in the size of the window's text")
        self.add_layer = self._action("&Add layer…", "A", "Choose a layer from the palette")
        self.rename = self._action("Re&name", "F2", "Give the selected layer, or the card of several, another name")
        self.skip = self._action("&Skip from here", "S", "Let a connection begin at the selected layer: J at a later one ends it")
        self.join = self._action("&Join here", "J", "Let the selected layer read, too, the one that was chosen to skip from")
        self.collapse = self._action("&Collapse", "Ctrl+G", "Show the selected layers as one card")
        self.expand = self._action("E&xpand", "Ctrl+Shift+G", "Show the layers of the selected card each on its own")
        self.save_block = self._action("Save as &block…", "Ctrl+B", "Keep the selected layers, to be inserted from the palette")
        self.move_up = self._action("Move &up", "Alt+Up")
        self.move_down = self._action("Move &down", "Alt+Down")
        # The stack handles these keys itself, so that Delete in a text field or a plot deletes no layer; here they are shown.
        for action in (
            *(self.cut, self.copy, self.paste, self.duplicate, self.repeat, self.delete, self.select_all),
            *(self.add_layer, self.rename, self.skip, self.join, self.move_up, self.move_down),
        ):
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.train = self._action("&Train", "F5", "Train the network from its first weights (F5)", "▶  Train")
        self.pause = self._action("&Pause", "F7", "Hold before the next step (F7)", "❚❚")
        self.step = self._action("One &step", "F6", "Take one step of the optimizer, then hold", "Step")
        self.epoch = self._action("One &epoch", "Shift+F6", "Go on to the end of the epoch, then hold")
        self.stop = self._action("St&op", "F8", "End the run and keep its weights (F8)", "■")
        self.reset = self._action("&Reset", "F9", "Forget the run and clear the plots (F9)", "↺")
        self.go_on = self._action("&Continue", "Shift+F5", button="More")
        self.branch = self._action("&Branch from here", "Ctrl+Shift+B")
        self.back_to_best = self._action("Go back to the best epoc&h", None)
        self.back_to_start = self._action("&Go back to the start", None)
        self.history_memory = self._action("&Memory for the history…", None, "How much may be kept of a run, to go back in it")
        self.find_rate = self._action(
            "Find a &learning rate…",
            "Ctrl+L",
            "Try learning rates from small to large and see which one makes the loss fall",
            "find",
        )
        self.forget_weights = self._action(
            "&Forget initial weights", None, "Start at random again, not from the weights that were imported"
        )
        self.new_seed = self._action("&New seed", "Ctrl+R", "Other random numbers: data, split, weights, batches")
        self.devices = self._action("&Devices…", None, "What trainings can run on")
        self.keys = self._action("&Keys…", None, "All keyboard shortcuts")
        self.about = self._action("&About Wiggle", None)

    def fill(self, bar: QMenuBar, recent: QMenu, examples: QMenu, panels: QMenu, theme: QMenu) -> None:
        """Build the menus; `recent`, `examples`, `panels` and `theme` are filled by the window."""
        self._menu(
            bar,
            "&File",
            (self.new, self.open, recent, examples, self.open_data, self.import_network),
            (self.save, self.save_as, self._export_menu(bar)),
            (self.quit,),
        )
        self._menu(
            bar,
            "&Edit",
            (self.undo, self.redo),
            (self.cut, self.copy, self.paste, self.duplicate, self.repeat, self.delete),
            (self.select_all,),
            (self.find, self.find_next, self.find_previous),
        )
        self._menu(
            bar,
            "&Network",
            (self.add_layer, self.rename, self.save_block),
            (self.skip, self.join),
            (self.collapse, self.expand),
            (self.move_up, self.move_down),
            (self.forget_weights,),
        )
        self._menu(
            bar,
            "&Train",
            (self.train, self.pause, self.step, self.epoch, self.stop, self.go_on, self.reset),
            (self.branch, self.back_to_best, self.back_to_start),
            (self.find_rate, self.new_seed, self.devices),
        )
        self._menu(bar, "&View", (self.zoom_in, self.zoom_out, self.zoom_usual), (panels, self.history_memory), (theme,))
        self._menu(bar, "&Help", (self.keys, self.about))

    def all(self) -> tuple[QAction, ...]:
        """Every action, in the order of the menus, exports last."""
        return (*(value for value in vars(self).values() if isinstance(value, QAction)), *self.exports.values())

    def keys_table(self) -> tuple[tuple[str, str], ...]:
        """What each key does: (words, key)."""
        return tuple(
            (action.text().replace("&", "").partition(" “")[0].rstrip("…"), action.shortcut().toString())
            for action in self.all()
            if not action.shortcut().isEmpty()
        )

    def allow(self, action: QAction, obstacle: str, tip: str = "") -> None:
        """As `allow` does; where there is no `tip`, the action says what it always does."""
        allow(action, obstacle, tip or self._tips[action])

    def connect(self, targets: dict[str, Callable[[], object]]) -> None:
        """Connect actions to what they do, by name."""
        for name, target in targets.items():
            getattr(self, name).triggered.connect(target)

    def _action(self, text: str, key: Key, tip: str = "", button: str = "") -> QAction:
        """`text`: in the menu; `button`: on a button, where that is another."""
        action = QAction(text, self._parent)
        if button:
            action.setIconText(button)
        if key is not None:
            action.setShortcut(QKeySequence(key))
        self._tips[action] = tip
        self.allow(action, "")
        self._parent.addAction(action)
        return action

    def _export_menu(self, bar: QMenuBar) -> QMenu:
        """All formats, drawings apart from what can be run or read in."""
        menu = QMenu("E&xport", bar)
        for content, forms in groupby(formats.values(), lambda form: form.content):
            if content == "drawing":
                menu.addSeparator()
            menu.addActions([self.exports[form.name] for form in forms])
        return menu

    def _menu(self, bar: QMenuBar, title: str, *sections: Sequence[QAction | QMenu]) -> None:
        """A menu with a line between its sections."""
        menu = bar.addMenu(title)
        for section in sections:
            if not menu.isEmpty():
                menu.addSeparator()
            for item in section:
                if isinstance(item, QMenu):
                    menu.addMenu(item)
                else:
                    menu.addAction(item)
