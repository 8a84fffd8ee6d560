"""Both looks are readable, complete, and follow the system unless a person chose one."""

import re
from dataclasses import fields

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QFrame, QSpinBox, QVBoxLayout

from gui import theme as looks
from gui.forms.combo import Combo
from gui.theme import apply_theme, current_theme, dark, light, palette, stylesheet, theme_notifier
from models.experiment.layers import AnyLayer


@pytest.fixture(autouse=True)
def untouched(qapp):
    yield
    theme_notifier(qapp).choose("system")
    qapp.setStyleSheet("")


def luminance(colour):
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in QColor(colour).getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


themes = pytest.mark.parametrize("theme", [light, dark], ids=["light", "dark"])


@themes
def test_every_colour_of_the_series_has_a_name(theme):
    assert len(set(looks.series_names)) == len(theme.series)


written = (
    ("text", "panel card window field hover pressed selection"),
    ("muted", "panel card window field hover"),
    ("warning_text", "panel card window field hover selection"),
    ("error_text", "panel card window field hover selection"),
    ("good_text", "panel card window field hover"),
    ("accent", "panel card window field"),  # links, and what has the focus
    ("on_accent", "accent accent_hover accent_pressed"),
    ("on_warning", "warning"),
    ("card", "error accent"),  # signs on marks
)
"""Each colour that words are written in, and what they stand on somewhere; disabled ones aside."""


@themes
@pytest.mark.parametrize(("words", "surface"), [(words, surface) for words, all_ in written for surface in all_.split()])
def test_text_is_readable_on_every_surface(theme, words, surface):
    assert contrast(getattr(theme, words), getattr(theme, surface)) >= 4.5


@themes
def test_outlines_are_seen(theme):
    assert contrast(theme.strong_border, theme.panel) >= 3


def rules(sheet):
    """(selector, declarations) of a style sheet."""
    for selectors, block in re.findall(r"([^{}]+)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)):
        yield from ((selector.strip(), dict(re.findall(r"([\w-]+):\s*([^;]+);", block))) for selector in selectors.split(","))


@themes
def test_no_rule_of_the_style_sheet_writes_in_a_colour_on_one_that_it_cannot_be_read_on(theme):
    pairs = [
        (selector, found["color"], found["background"])
        for selector, found in rules(stylesheet(theme))
        if "disabled" not in selector and found.get("color", "").startswith("#") and found.get("background", "").startswith("#")
    ]
    assert len(pairs) > 5
    assert not [(selector, *colours) for selector, *colours in pairs if contrast(*colours) < 4.5]


@themes
def test_colours_are_valid_and_series_differ(theme):
    for field in fields(theme):
        value = getattr(theme, field.name)
        if isinstance(value, str) and field.name not in ("name", "check_marks"):
            assert re.fullmatch("#[0-9a-f]{6}", value), field.name
    assert len(set(theme.series)) == len(theme.series) == 8
    assert len(set(theme.classes)) == len(theme.classes)
    assert theme.series_colour(len(theme.series)) == theme.series[0]


@themes
def test_every_family_of_layers_has_a_colour(theme):
    families = {kind.family for kind in AnyLayer.__args__}
    assert families <= set(theme.families)


@themes
def test_the_style_sheet_is_complete_and_its_pictures_exist(theme):
    text = stylesheet(theme)
    assert "$" not in text.replace("$names", "")
    pictures = re.findall(r'url\("([^"]+)"\)', text)
    assert pictures
    assert all(looks.Path(picture).is_file() for picture in pictures)
    styled = set(re.findall(r"\bQ[A-Z][A-Za-z]+", text))
    assert styled >= {
        "QMenu", "QToolBar", "QPushButton", "QLineEdit", "QAbstractSpinBox", "QComboBox", "QCheckBox", "QSlider", "QTabBar",
        "QScrollBar", "QSplitter", "QToolTip", "QTreeView", "QProgressBar", "QGroupBox", "QDialog",
    }  # fmt: skip


@themes
def test_the_style_sheet_is_accepted_and_arrows_and_ticks_are_visible(qtbot, qapp, theme):
    apply_theme(qapp, theme)
    for widget in (QComboBox(), QSpinBox(), QCheckBox("x")):
        qtbot.addWidget(widget)
        if isinstance(widget, QCheckBox):
            widget.setChecked(True)
        widget.resize(120, 28)
        widget.show()
        picture = widget.grab().toImage()
        background = QColor(theme.accent if isinstance(widget, QCheckBox) else theme.field)
        columns = range(2, 14) if isinstance(widget, QCheckBox) else range(100, 118)
        best = max(contrast(picture.pixelColor(x, y), background) for x in columns for y in range(4, 24))
        assert best >= 2.5, type(widget).__name__


def test_a_choice_overrides_the_system_and_everybody_is_told_once(qtbot, qapp):
    notifier = theme_notifier(qapp)
    notifier.choose("light")
    told = []
    notifier.changed.connect(told.append)
    notifier.choose("dark")
    notifier.choose("dark")
    assert told == [dark]
    assert current_theme(qapp) is dark
    assert notifier.choice == "dark"
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == dark.panel
    notifier.choose("light")
    assert told == [dark, light]
    notifier.changed.disconnect(told.append)


def test_nothing_is_styled_anew_where_the_look_stays_the_same(qtbot, qapp, monkeypatch):
    notifier = theme_notifier(qapp)
    monkeypatch.setattr(looks, "_system_theme", lambda app: light)
    notifier.choose("light")
    styled = []

    class Watched(QComboBox):
        def changeEvent(self, event):
            styled.append(event.type())

    widget = Watched()
    qtbot.addWidget(widget)
    widget.ensurePolished()
    styled.clear()
    notifier.choose("system")
    assert styled == []
    notifier.choose("dark")
    assert QEvent.Type.StyleChange in styled
    notifier.choose("light")


def test_the_system_is_followed_only_while_nothing_else_was_chosen(qapp, monkeypatch):
    notifier = theme_notifier(qapp)
    notifier.choose("system")
    monkeypatch.setattr(looks, "_system_theme", lambda app: dark)
    qapp.styleHints().colorSchemeChanged.emit(looks.Qt.ColorScheme.Dark)
    assert current_theme(qapp) is dark
    notifier.choose("light")
    qapp.styleHints().colorSchemeChanged.emit(looks.Qt.ColorScheme.Dark)
    assert current_theme(qapp) is light


def test_there_is_one_notifier(qapp):
    assert theme_notifier(qapp) is theme_notifier(qapp)
    assert theme_notifier(qapp).parent() is QApplication.instance()


def test_disabled_text_is_paler(qapp):
    colours = palette(dark)
    role = QPalette.ColorRole.Text
    assert colours.color(QPalette.ColorGroup.Disabled, role).name() == dark.disabled
    assert colours.color(QPalette.ColorGroup.Active, role).name() == dark.text


def test_matplotlib_settings_are_known_to_matplotlib():
    from matplotlib import RcParams

    assert RcParams(light.matplotlib())["axes.facecolor"] == light.card


def test_a_closed_combo_box_leaves_its_words_all_the_room_beside_the_arrow(qtbot, qapp):
    theme_notifier(qapp).choose("light")
    combo = Combo()
    qtbot.addWidget(combo)
    combo.add_entry("truncated_normal")
    combo.setCurrentIndex(0)
    combo.ensurePolished()
    combo.resize(combo.fontMetrics().horizontalAdvance("truncated_normal") + 34, 26)
    assert combo.closed_text == "truncated_normal"


def test_however_deep_a_widget_lies_another_theme_styles_it_once(qtbot, qapp):
    apply_theme(qapp, light)
    outermost = parent = QFrame()
    qtbot.addWidget(outermost)
    for _ in range(10):
        inner = QFrame()
        QVBoxLayout(parent).addWidget(inner)
        parent = inner
    outermost.show()
    styled = StyleCounter()
    parent.installEventFilter(styled)
    apply_theme(qapp, dark)
    assert styled.count == 1
    assert parent.palette().text().color() == QColor(dark.text)


class StyleCounter(QObject):
    """Counts how often what it watches is styled anew."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.StyleChange
        return False
