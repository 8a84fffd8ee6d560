"""The legend names curves, and hides them by a click."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QCheckBox

from gui.plots.header import ElidedLabel, Entry, HeadChoice, Header, HeadNumber, Legend
from gui.plots.title import Title
from gui.plots.views.neuron_plot import NeuronPlot
from gui.theme import apply_theme, light


@pytest.fixture
def legend(qtbot):
    legend = Legend(light)
    qtbot.addWidget(legend)
    legend.resize(400, 40)
    legend.set_entries(
        [Entry("train", "#0072b2", line="-"), Entry("class 0", "#e69f00"), Entry("validation", "#e69f00", line="--")]
    )
    return legend


def click(qtbot, legend, name):
    left = next(left for entry, _, left in legend._places(legend.width())[0] if entry.name == name)
    qtbot.mouseClick(legend, Qt.MouseButton.LeftButton, pos=QPoint(left + 25, 5))


def test_a_click_on_the_name_of_a_curve_hides_it_and_another_one_shows_it_again(qtbot, legend):
    with qtbot.waitSignal(legend.hidden_changed):
        click(qtbot, legend, "validation")
    assert legend.hidden == {"validation"}
    click(qtbot, legend, "train")
    click(qtbot, legend, "validation")
    assert legend.hidden == {"train"}


def test_what_is_no_curve_cannot_be_hidden(qtbot, legend):
    click(qtbot, legend, "class 0")
    qtbot.mouseClick(legend, Qt.MouseButton.LeftButton, pos=QPoint(395, 35))
    assert legend.hidden == frozenset()


def test_a_hidden_curve_looks_different_and_nothing_moves(legend):
    before, places = legend.grab().toImage(), legend._places(legend.width())
    legend.toggle("train")
    assert legend.grab().toImage() != before
    assert legend._places(legend.width()) == places


def test_the_legend_says_what_a_click_does_where_there_are_curves(legend):
    assert "click" in legend.toolTip()
    legend.set_entries([Entry("class 0", "#e69f00")])
    assert "click" not in legend.toolTip()


def open_list(qtbot, legend):
    """Click the count of the entries that do not fit."""
    count = legend._places(legend.width())[1]
    qtbot.mouseClick(legend, Qt.MouseButton.LeftButton, pos=legend._count_box(count).center())
    return QApplication.activePopupWidget()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # a menu without a screen
def test_the_count_of_names_that_do_not_fit_opens_a_list_in_which_every_curve_is_switched(qtbot, legend):
    names = [f"block{number}_conv" for number in range(9)]
    legend.resize(230, 40)
    legend.set_entries([Entry(name, "#0072b2", line="-") for name in names])
    legend.toggle(names[8])
    places = legend._places(legend.width())
    opened = open_list(qtbot, legend)
    boxes = opened.findChildren(QCheckBox)
    assert [(box.text(), box.isChecked()) for box in boxes] == [(name, name != names[8]) for name in names]
    for box in (boxes[7], boxes[8]):
        qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    assert legend.hidden == {names[7]}
    assert opened.isVisible(), "the next one can be clicked, too"
    assert legend._places(legend.width()) == places
    opened.close()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # a menu without a screen
def test_the_list_names_what_is_no_curve_and_cannot_be_switched(qtbot, legend):
    legend.resize(60, 40)
    legend.set_entries([Entry(f"class {number} & more", "#e69f00") for number in range(5)])
    opened = open_list(qtbot, legend)
    assert [action.text().replace("&&", "&") for action in opened.actions()] == [entry.name for entry in legend.entries]
    assert not any(action.isCheckable() for action in opened.actions())
    assert not opened.findChildren(QCheckBox)
    opened.close()


def test_a_shorter_name_stands_whole_where_the_full_one_has_no_room(legend):
    figure = Entry("RMSE 0.0084, R² 0.998", "#0072b2")
    told = Entry("RMSE 0.0084, R² 0.998 · 800 examples", "#0072b2", short=figure.name)

    def picture(entry, width):
        legend.resize(width, 40)
        legend.set_entries([entry])
        return legend.grab().toImage()

    wide, narrow = (legend._inset + legend._width(entry) + 2 for entry in (told, figure))
    assert picture(told, narrow) == picture(figure, narrow)
    assert picture(told, wide) != picture(figure, wide)


def choice_of(qtbot, kind, *names):
    choice = kind() if kind is Title else kind("What is shown")
    qtbot.addWidget(choice)
    choice.addItems(names)
    return choice


def test_a_choice_takes_the_width_of_what_is_chosen_and_gives_way_to_others(qtbot):
    choice = choice_of(qtbot, HeadChoice, "x", "a feature with a long name", "Scatter")
    narrow = choice.sizeHint().width()
    choice.setCurrentText("Scatter")
    words = choice.fontMetrics().horizontalAdvance("Scatter")
    assert choice.sizeHint().width() > max(narrow, words)
    choice.setCurrentText("petal width in cm")
    assert choice.minimumSizeHint().width() < choice.sizeHint().width()
    assert choice_of(qtbot, Title, "Mean absolute error").minimumSizeHint().width() > words


def test_a_subtitle_with_shorter_ones_is_whole_or_left_out(qtbot):
    words = ("accuracy 0.9722, 360 examples", "accuracy 0.9722", "acc 0.972")
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText(words[0])
    label.shorter = words[1:]
    for shown in (*words, ""):
        label.resize(label.fontMetrics().horizontalAdvance(shown), 20)
        assert label.fitting() == shown
        label.grab()
        assert label.toolTip() == ("" if shown == words[0] else words[0])
    label.shorter = ()
    label.resize(90, 20)
    assert label.fitting().endswith("…")
    label.resize(50, 20)
    assert label.fitting() == "", "a few letters say nothing"


def test_a_squeezed_choice_is_cut_with_dots(qtbot, monkeypatch):
    choice = choice_of(qtbot, HeadChoice, "petal width in cm")
    written = []
    elided = type(choice.fontMetrics()).elidedText
    monkeypatch.setattr(
        type(choice.fontMetrics()), "elidedText", lambda *given: written.append(elided(*given)) or written[-1], raising=True
    )
    choice.resize(choice.minimumSizeHint())
    choice.grab()
    assert "…" in written[0]
    choice.resize(choice.sizeHint())
    choice.grab()
    assert written[-1] == "petal width in cm"


@pytest.mark.parametrize("as_choice", [True, False])
def test_titles_and_legends_begin_at_the_same_pixel(qtbot, qapp, as_choice):
    """Measured by the ink: a choice has its border where a plain title has a margin."""
    apply_theme(qapp, light)
    title = choice_of(qtbot, Title, "Loss") if as_choice else "Loss"
    header = Header(light, title)
    qtbot.addWidget(header)
    header.resize(300, 50)
    header.set_legend([Entry("H" * 60, light.text)])
    header.show()
    picture = header.grab().toImage()
    legend_top = header.legend.y()
    firsts = [first_ink(picture, rows) for rows in (range(legend_top), range(legend_top, picture.height()))]
    assert abs(firsts[0] - firsts[1]) <= 1 + 1  # the L has a pixel of room of its own


def first_ink(picture, rows):
    behind = picture.pixelColor(0, 0)
    return next(x for x in range(picture.width()) if any(picture.pixelColor(x, y) != behind for y in rows))


def test_a_number_has_the_longest_word_before_it_that_has_room_and_is_itself_whole(qtbot):
    header = Header(light, "Neurons")
    qtbot.addWidget(header)
    number = HeadNumber("Number of the example", "example", "ex.")
    number.setMaximum(1234)
    number.setEnabled(True)
    header.add_switch(number, spared=True)
    found = []
    for width in range(60, 400, 10):
        header.resize(width, 30)
        header.arrange()
        found.append(number.prefix() if not number.isHidden() else "")
        assert number.isHidden() or number.sizeHint().width() <= width
    assert [word for at, word in enumerate(found) if word not in found[:at]] == ["", "ex. ", "example "]


def test_a_choice_among_numbers_makes_a_head_no_higher(qtbot, qapp):
    """Heads of panels side by side are of one height."""
    apply_theme(qapp, light)
    plot = NeuronPlot(light)
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    plot.show()
    plot.way.setEnabled(True)
    heights = []
    for enabled in (False, True):
        plot.example.setEnabled(enabled)
        plot.header.arrange()
        assert plot.example.isVisible() == enabled
        heights.append(plot.header.sizeHint().height())
    assert heights[0] == heights[1]
