"""How Wiggle looks: colours and style in light and dark, following the system unless a person chooses otherwise.

A widget says what it is by a dynamic property, and ``resources/theme.qss`` says how that looks:

==============  ===============================  ===========================================================
widget          property                         look
==============  ===============================  ===========================================================
QFrame          ``role`` = panel, card           white surface with a thin border and round corners
QLabel          ``role`` = title, section        bold heading; small heading in capitals
QLabel          ``role`` = muted, small          grey text; grey and smaller
QLabel          ``role`` = warning, error, good  coloured text
QPushButton     ``role`` = primary, quiet        the one filled button; one without a border
QToolButton     ``role`` = plain                 without a border until the pointer is over it
QToolButton     ``role`` = inline                a word that acts, no higher than the small text beside it
==============  ===============================  ===========================================================

What paints by hand asks `current_theme` and repaints on `ThemeNotifier.changed`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from models.experiment.layers.base import Family

Choice = Literal["system", "light", "dark"]
"""What a person can ask for; ``system`` follows the desktop, also when it changes at sunset."""

choices: tuple[Choice, ...] = ("system", "light", "dark")

series_names = ("Blue", "Sky blue", "Green", "Orange", "Pink", "Vermilion", "Grey", "Violet")
"""What people call the colours of `Theme.series`, light and dark."""

_resources = Path(__file__).resolve().parent.parent / "resources"
_smallest_font = 9.75
"""Points; 13 pixels on a common screen. A larger font of the desktop is kept."""


@dataclass(frozen=True, eq=False)
class Theme:
    """The colours of one look, as ``#rrggbb``; all text keeps a contrast of 4.5 to 1 on the surfaces it stands on."""

    name: Literal["light", "dark"]
    window: str
    """Behind all panels."""
    panel: str
    """Panels, bars, menus and dialogs."""
    card: str
    """Cards, and the background of plots."""
    field: str
    """Line edits, combo boxes, spin boxes."""
    hover: str
    pressed: str
    border: str
    strong_border: str
    """Outlines that must be seen by themselves: check boxes, scroll bar handles; 3 to 1 on a panel."""
    text: str
    muted: str
    disabled: str
    accent: str
    """Train, the selected tab, focus, and the training curve."""
    accent_hover: str
    accent_pressed: str
    on_accent: str
    """Text and ticks on the accent."""
    selection: str
    """Behind selected rows; `text` stands on it."""
    warning: str
    warning_text: str
    on_warning: str
    """The sign on the mark of a warning."""
    error: str
    error_text: str
    good: str
    good_text: str
    grid: str
    """Lines behind curves."""
    validation: str
    """The validation curve."""
    neutral: str
    """Where a decision is undecided, between the two class colours."""
    input: str
    """Mark of the network's input."""
    output: str
    """Mark of the network's last layer."""
    series: tuple[str, ...]
    """Colours of layers in plots, told apart by colour-blind people (Okabe & Ito, 2008), the darkest or lightest left out."""
    classes: tuple[str, ...]
    """Colours of classes in order; the first two are the Playground's orange (−1) and blue (+1)."""
    families: Mapping[Family, str]
    """Mark of a layer's card, by the layer's family."""
    check_marks: Literal["white", "black"]
    """Which set of ``resources/icons`` is readable on the accent."""

    def series_colour(self, index: int) -> str:
        """Colour of the layer with this number; colours repeat after `len(series)`."""
        return self.series[index % len(self.series)]

    def class_colour(self, index: int) -> str:
        """Colour of the class with this number; colours repeat after `len(classes)`."""
        return self.classes[index % len(self.classes)]

    def matplotlib(self) -> dict[str, object]:
        """Settings for ``matplotlib.rc_context`` that make a figure look like the window around it."""
        return {
            "figure.facecolor": self.card,
            "axes.facecolor": self.card,
            "savefig.facecolor": self.card,
            "axes.edgecolor": self.border,
            "axes.labelcolor": self.muted,
            "axes.titlecolor": self.text,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": self.grid,
            "grid.linewidth": 0.8,
            "xtick.color": self.border,
            "ytick.color": self.border,
            "xtick.major.size": 0.0,
            "ytick.major.size": 0.0,
            "xtick.major.pad": 4.5,
            "ytick.major.pad": 4.5,
            "xtick.labelcolor": self.muted,
            "ytick.labelcolor": self.muted,
            "text.color": self.text,
            "text.parse_math": False,  # names of columns and classes are no formulas, whatever signs of money are in them
            "font.size": 8.5,
            "axes.labelsize": 8.5,
            "xtick.labelsize": 8.5,
            "ytick.labelsize": 8.5,
            "axes.linewidth": 0.8,
            "lines.linewidth": 1.4,
            "lines.solid_joinstyle": "round",
            "path.simplify": True,
        }


light = Theme(
    name="light",
    window="#f5f6f8",
    panel="#ffffff",
    card="#ffffff",
    field="#f0f2f5",
    hover="#e9edf1",
    pressed="#dde2e8",
    border="#dfe3e8",
    strong_border="#87929e",
    text="#1d2733",
    muted="#5f6b78",
    disabled="#a3abb5",
    accent="#0072b2",
    accent_hover="#0a7bbb",
    accent_pressed="#005f95",
    on_accent="#ffffff",
    selection="#d6e8f5",
    warning="#e69f00",
    warning_text="#8f5a00",
    on_warning="#1d2733",
    error="#d62f2f",
    error_text="#b42318",
    good="#009e73",
    good_text="#007a59",
    grid="#e6e9ed",
    validation="#e69f00",
    neutral="#ffffff",
    input="#7f8c99",
    output="#009e73",
    series=("#0072b2", "#56b4e9", "#009e73", "#e69f00", "#cc79a7", "#d55e00", "#7f8c99", "#8c6bb1"),
    classes=("#e69f00", "#0072b2", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#8c6bb1", "#b3a800", "#7f8c99", "#8a4b2a"),
    families=MappingProxyType(
        {
            "core": "#0072b2",
            "activation": "#e69f00",
            "regularization": "#cc79a7",
            "normalization": "#56b4e9",
            "convolution": "#d55e00",
            "pooling": "#8c6bb1",
            "sequence": "#8f9a00",
            "reshaping": "#7f8c99",
            "preprocessing": "#009e73",
            "augmentation": "#44aa99",
            "merging": "#4b6bd6",
            "attention": "#8c564b",
        }
    ),
    check_marks="white",
)

dark = Theme(
    name="dark",
    window="#14181d",
    panel="#1c2229",
    card="#1c2229",
    field="#262d36",
    hover="#2c343e",
    pressed="#363f4a",
    border="#2f3740",
    strong_border="#6d7986",
    text="#e6eaef",
    muted="#9aa6b2",
    disabled="#5d6874",
    accent="#56b4e9",
    accent_hover="#73c3f0",
    accent_pressed="#3f9fd6",
    on_accent="#14181d",
    selection="#23445c",
    warning="#e69f00",
    warning_text="#f0b429",
    on_warning="#14181d",
    error="#f0605a",
    error_text="#ff8b84",
    good="#1bb88a",
    good_text="#3fcfa4",
    grid="#2b333c",
    validation="#e69f00",
    neutral="#1c2229",
    input="#7f8c99",
    output="#1bb88a",
    series=("#3d94d9", "#8fd0f5", "#1bb88a", "#e69f00", "#d98cb8", "#ea7435", "#9aa6b2", "#a98bd0"),
    classes=("#e69f00", "#2f8fd3", "#1bb88a", "#d98cb8", "#ea7435", "#8fd0f5", "#a98bd0", "#d8cc3a", "#9aa6b2", "#b87a56"),
    families=MappingProxyType(
        {
            "core": "#3d94d9",
            "activation": "#e69f00",
            "regularization": "#d98cb8",
            "normalization": "#8fd0f5",
            "convolution": "#ea7435",
            "pooling": "#a98bd0",
            "sequence": "#c3cf3a",
            "reshaping": "#7f8c99",
            "preprocessing": "#1bb88a",
            "augmentation": "#5cc9b8",
            "merging": "#8fa6ff",
            "attention": "#c08a7d",
        }
    ),
    check_marks="black",
)


class ThemeNotifier(QObject):
    """Tells widgets that paint by hand when the look changes, and follows the desktop unless a person chose a look."""

    changing = Signal()
    """Every widget is about to be styled anew: whoever keeps some that are not seen, and soon made again, lets them go."""
    changed = Signal(object)
    """The `Theme` that holds from now on."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._theme = _system_theme(app)
        self._choice: Choice = "system"
        app.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def theme(self) -> Theme:
        """The look that holds now."""
        return self._theme

    @property
    def choice(self) -> Choice:
        """What was asked for last."""
        return self._choice

    def choose(self, choice: Choice) -> None:
        """Look like this from now on; ``system`` takes the desktop's look, now and whenever it changes."""
        self._choice = choice
        # The hint also reaches what we do not draw, such as the window's frame and file dialogs.
        hints = {"system": Qt.ColorScheme.Unknown, "light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        self._app.styleHints().setColorScheme(hints[choice])
        themes = {"light": light, "dark": dark}
        apply_theme(self._app, themes.get(choice) or _system_theme(self._app))

    def announce(self, theme: Theme) -> None:
        """Remember `theme` as the one that holds and tell everybody, where it is another one."""
        if theme is not self._theme:
            self._theme = theme
            self.changed.emit(theme)

    def _follow_system(self) -> None:
        if self._choice == "system":
            apply_theme(self._app, _system_theme(self._app))


def application() -> QApplication:
    """The running application."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app


def theme_notifier(app: QApplication) -> ThemeNotifier:
    """The application's one `ThemeNotifier`."""
    found = app.findChild(ThemeNotifier, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return found if found is not None else ThemeNotifier(app)


def current_theme(app: QApplication | None = None) -> Theme:
    """The look that holds now; `app` is the running application where it is not given."""
    app = app or _running_application()
    return theme_notifier(app).theme if app else light


def repaint_with_theme(repaint: Callable[[], None]) -> None:
    """Have what a widget paints by hand follow the theme: `repaint` is its ``update``, or calls that of what it shows."""
    theme_notifier(application()).changed.connect(repaint)


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give every widget of the application the look of `theme`, those that exist and those to come.

    Where all have it already nothing is done: to style a window anew takes 0.15 s, and more while TensorFlow loads.
    """
    sheet = stylesheet(theme)
    if app.styleSheet() != sheet:
        theme_notifier(app).changing.emit()
        font = app.font()
        if 0 < font.pointSizeF() < _smallest_font:
            font.setPointSizeF(_smallest_font)
            app.setFont(font)
        app.setPalette(palette(theme))
        # WORKAROUND https://code.qt.io/cgit/qt/qtbase.git/tree/src/widgets/styles/qstylesheetstyle.cpp (repolish of QApplication)
        # Qt gives a new sheet to each widget that it has styled and each time to all inside, so that one that lies deep is styled
        # a dozen times: 1 s for the window. Those that it has forgotten it passes over, and a new style styles each once.
        app.style().unpolish(app)
        app.setStyleSheet(sheet)
        app.setStyle("Fusion")
    theme_notifier(app).announce(theme)


def set_look(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet asks for, on a widget that is styled already; none, empty and false are the same."""
    if (widget.property(name) or None) != (value or None):
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


@contextmanager
def styled_at_once(app: QApplication) -> Iterator[None]:
    """Let the style sheet reach the widgets that are made inside all together, afterwards.

    Otherwise each is styled anew, with all that is in it, whenever it is put into another: 0.2 s for the window.
    """
    sheet = app.styleSheet()
    app.setStyleSheet("")
    try:
        yield
    finally:
        app.setStyleSheet(sheet)


def stylesheet(theme: Theme) -> str:
    """The style sheet of the whole application: ``resources/theme.qss`` with the theme's colours filled in."""
    tokens = {field.name: getattr(theme, field.name) for field in fields(theme)}
    template = Template((_resources / "theme.qss").read_text(encoding="utf-8"))
    return template.substitute(tokens, icons=(_resources / "icons").as_posix())


def palette(theme: Theme) -> QPalette:
    """The palette of `theme`, for what no style sheet reaches: dialogs of Qt, delegates, disabled text, links."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    colours = {
        role.Window: theme.panel,
        role.WindowText: theme.text,
        role.Base: theme.card,
        role.AlternateBase: theme.field,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.panel,
        role.ButtonText: theme.text,
        role.BrightText: theme.error_text,
        role.Light: theme.hover,
        role.Midlight: theme.hover,
        role.Mid: theme.border,
        role.Dark: theme.strong_border,
        role.Shadow: theme.window,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.ToolTipBase: theme.card,
        role.ToolTipText: theme.text,
        role.Accent: theme.accent,
    }
    result = QPalette()
    for each, colour in colours.items():
        result.setColor(each, QColor(colour))
    for each in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        result.setColor(group.Disabled, each, QColor(theme.disabled))
    result.setColor(group.Disabled, role.Highlight, QColor(theme.border))
    return result


def _system_theme(app: QApplication) -> Theme:
    return dark if app.styleHints().colorScheme() == Qt.ColorScheme.Dark else light


def _running_application() -> QApplication | None:
    app = QApplication.instance()
    return app if isinstance(app, QApplication) else None
