"""The loss plot draws the numbers it was given, where they belong."""

import dataclasses

import numpy as np
import pytest
from msgspec.structs import replace

from gui.earlier_runs import EarlierRuns
from gui.messages import RunPrepared
from gui.plots.axes.curves import trailing_mean
from gui.plots.views.loss_plot import LossPlot
from gui.theme import dark
from models.data import prepare
from models.experiment.data import Diabetes
from models.experiment.starter import default_experiment, with_source
from models.telemetry.events import Ended
from models.telemetry.history import EarlierRun, History
from tests.gui.plots import invented
from tests.gui.plots.looked import run_of
from tests.reports import epoch_ended


@pytest.fixture
def plot(qtbot):
    return invented.visible(qtbot, LossPlot, 600, 300)


def test_training_is_drawn_per_step_and_validation_at_the_end_of_its_epoch(qtbot, plot):
    history = invented.history(150)
    invented.draw(qtbot, plot, history)
    x, y = plot.raw_line.get_data()
    assert x.tolist() == list(range(1, 151))
    assert np.array_equal(y, history.steps().loss)
    x, y = plot.validation_line.get_data()
    assert x.tolist() == [50, 100, 150]
    assert np.array_equal(y, history.epochs().values["val_loss"])
    assert [entry.name for entry in plot.header.legend.entries] == ["train", "validation"]
    assert plot.axes.get_xlabel() == "step"
    assert plot.axes.get_ylabel() == "loss"


def test_the_head_says_where_figures_are_not_in_the_numbers_of_the_data(qtbot, plot):
    source = Diabetes()
    experiment = with_source(default_experiment(), source, default_experiment().data.facts(), source.facts())
    for scaling, words in (("standard", "of the scaled target"), ("none", "")):
        value = replace(experiment, data=replace(source, target_scaling=scaling))
        plot.start(RunPrepared(1, value, prepare(value)))
        history = History()
        history.append(dataclasses.replace(invented.started(), metrics=("mean_absolute_error", "r2_score")))
        invented.draw(qtbot, plot, history)
        for name, said in (("loss", f"mean squared error {words}".strip()), ("mean_absolute_error", words), ("r2_score", "")):
            plot.quantity.setCurrentIndex(plot.quantity.findData(name))
            assert plot.header.subtitle.text() == said
        plot.quantity.setCurrentIndex(0)
    plot.clear()
    assert plot.header.subtitle.text() == ""


def test_a_single_peak_among_many_steps_is_drawn(qtbot, plot):
    history = History()
    history.append(invented.started())
    batch = invented.steps(1, 19_000)
    loss = batch.loss.copy()
    loss[7777] = 5.0
    history.append(dataclasses.replace(batch, loss=loss))
    invented.draw(qtbot, plot, history)
    x, y = plot.raw_line.get_data()
    assert x[np.nanargmax(y)] == 7778
    assert plot.axes.get_ylim()[1] >= 5


def test_the_first_step_is_a_dot_and_the_next_one_makes_it_a_line(qtbot, plot):
    history = History()
    history.append(invented.started())
    history.append(invented.steps(1, 1))
    invented.draw(qtbot, plot, history)
    assert plot.training_line.get_marker() == "o"
    assert plot.training_line.get_xdata().tolist() == [1]
    history.append(invented.steps(2, 1))
    invented.draw(qtbot, plot, history)
    assert plot.training_line.get_marker() == ""


def test_a_metric_can_be_chosen_and_the_choice_outlives_the_next_run(qtbot, plot):
    history = invented.history(150)
    invented.draw(qtbot, plot, history)
    assert [plot.quantity.itemText(place) for place in range(2)] == ["Loss", "Accuracy"]
    plot.quantity.setCurrentIndex(1)
    invented.draw(qtbot, plot, history)
    assert np.array_equal(plot.raw_line.get_ydata(), history.steps().metrics["accuracy"])
    assert np.array_equal(plot.validation_line.get_ydata(), history.epochs().values["val_accuracy"])
    assert plot.axes.get_ylabel() == "accuracy"
    invented.draw(qtbot, plot, invented.history(100))
    assert plot.quantity.currentText() == "Accuracy"


def test_without_validation_there_is_none_in_the_legend(qtbot, plot):
    history = invented.history(40)
    history.append(epoch_ended(1, 1, 40, {"loss": 0.5}))
    invented.draw(qtbot, plot, history)
    assert [entry.name for entry in plot.header.legend.entries] == ["train"]
    assert "" in {row[3] for row in plot.table()[1]}


def test_the_axis_grows_in_leaps_and_ends_at_the_last_step(qtbot, plot):
    history = invented.history(1000, ended=False)
    invented.draw(qtbot, plot, history)
    assert plot.axes.get_xlim()[1] > 1000
    history.append(Ended(1, "finished", "", 1000, 20))
    invented.draw(qtbot, plot, history)
    assert plot.axes.get_xlim() == (0, 1000)


def test_the_logarithmic_axis_is_labelled_with_powers_and_leaves_out_what_is_not_positive(qtbot, plot):
    history = invented.history(500)
    batch = invented.steps(501, 2)
    history.append(dataclasses.replace(batch, loss=np.array([0.0, 1e-4])))
    plot.logarithmic.setChecked(True)
    invented.draw(qtbot, plot, history)
    assert plot.axes.get_yscale() == "log"
    assert plot.axes.get_ylim()[0] == pytest.approx(1e-4)
    assert "10⁻⁴" in [label.get_text() for label in plot.axes.get_yticklabels()]
    plot.logarithmic.setChecked(False)
    invented.draw(qtbot, plot, history)
    assert plot.axes.get_ylim()[0] == 0


def test_where_the_loss_stops_being_a_number_is_said(qtbot, plot):
    history = invented.history(500)
    batch = invented.steps(501, 20)
    history.append(dataclasses.replace(batch, loss=np.full(20, np.nan)))
    invented.draw(qtbot, plot, history)
    assert plot.note.get_text() == "not finite from step 501"


def test_the_tool_tip_tells_the_nearest_step_and_epoch(qtbot, plot):
    history = invented.history(1500)
    plot.update_from(history)
    told = plot.describe(1234.2, 0.5)
    assert "step 1\u2009234, epoch 25" in told
    assert "after epoch 25" in told


def test_a_logarithmic_axis_leaves_no_decades_empty_that_it_began_with(qtbot, plot):
    plot.logarithmic.setChecked(True)
    invented.draw(qtbot, plot, History())
    assert plot.axes.get_ylim() == (1e-3, 1)
    history = invented.history(50)
    low, high = (float(each(history.steps().loss)) for each in (np.min, np.max))
    assert 0.1 < low < high < 1
    invented.draw(qtbot, plot, history)
    assert plot.axes.get_ylim() == (0.1, 1)


def test_the_name_of_the_loss_stands_beside_it(qtbot, plot):
    plot.set_loss_name("binary crossentropy")
    assert plot.header.subtitle.text() == "binary crossentropy"
    plot.update_from(invented.history(50))
    plot.quantity.setCurrentIndex(1)
    assert plot.header.subtitle.text() == ""


def penalized(total=150):
    """A record of a run with regularizers, without validation."""
    history = History()
    history.append(invented.started(metrics=("accuracy", "penalty")))
    batch = invented.steps(1, total)
    penalty = 0.05 + 0.0001 * np.arange(total)
    history.append(dataclasses.replace(batch, loss=batch.loss + penalty, metrics={**batch.metrics, "penalty": penalty}))
    return history


def test_the_penalty_stands_apart_from_the_loss_of_the_data(qtbot, plot):
    plot.set_loss_name("mean squared error")
    history = penalized()
    invented.draw(qtbot, plot, history)
    steps = history.steps()
    assert np.array_equal(plot.raw_line.get_ydata(), steps.loss)
    assert plot.data_line.get_ydata()[0] == pytest.approx(steps.loss[0] - 0.05)
    assert plot.penalty_line.get_ydata()[0] == pytest.approx(0.05)
    assert [entry.name for entry in plot.header.legend.entries] == ["train", "data", "penalty"]
    assert plot.header.subtitle.text() == "mean squared error + penalty"
    assert "data + penalty" in plot.header.legend.toolTip()
    told = plot.describe(1, 0.5)
    assert "= data " in told
    assert "+ penalty 0.05" in told


def test_the_penalty_is_no_quantity_of_its_own_but_in_the_table(qtbot, plot):
    history = penalized()
    invented.draw(qtbot, plot, history)
    assert "penalty" not in [plot.quantity.itemData(place) for place in range(plot.quantity.count())]
    titles, rows = plot.table()
    assert titles == ("step", "epoch", "loss", "data_loss", "penalty", "val_loss")
    first = next(iter(rows))
    assert first[2] == pytest.approx(first[3] + first[4])
    plot.quantity.setCurrentIndex(plot.quantity.findData("accuracy"))
    invented.draw(qtbot, plot, history)
    assert len(plot.data_line.get_ydata()) == len(plot.penalty_line.get_ydata()) == 0
    assert plot.table()[0] == ("step", "epoch", "accuracy", "val_accuracy")


def test_the_table_of_a_long_run_has_every_figure_of_the_validation_that_is_drawn(qtbot, plot):
    history = History(capacity=24)
    history.append(invented.started())
    history.append(invented.steps(1, 1000))
    for number in range(1, 21):
        history.append(invented.epoch(number))
    invented.draw(qtbot, plot, history)
    titles, rows = plot.table()
    rows = list(rows)
    assert titles == ("step", "epoch", "loss", "val_loss")
    x, y = plot.validation_line.get_data()
    assert [(row[0], row[3]) for row in rows if row[3] != ""] == list(zip(x.tolist(), y.tolist(), strict=True))
    assert len(x) == 20
    assert {row[0] / row[1] for row in rows if row[2] == ""} == {50}
    assert [row[0] for row in rows if row[2] != ""] == history.steps().step.tolist()
    assert [row[0] for row in rows] == sorted({row[0] for row in rows})


def test_without_regularizers_there_is_no_curve_of_the_data(qtbot, plot):
    invented.draw(qtbot, plot, invented.history(150))
    assert len(plot.data_line.get_ydata()) == 0
    assert plot.table()[0] == ("step", "epoch", "loss", "val_loss")


def validated(**figures):
    """A record of epochs of 50 steps with these figures."""
    history = History()
    history.append(invented.started())
    history.append(invented.steps(1, 50 * len(next(iter(figures.values())))))
    for place in range(len(next(iter(figures.values())))):
        history.append(epoch_ended(1, place + 1, 50 * (place + 1), {name: each[place] for name, each in figures.items()}))
    return history


@pytest.mark.parametrize(
    ("figures", "quantity", "best"),
    [
        ({"loss": [3.0, 2, 1], "val_loss": [3.0, 1, 2]}, "loss", 1),
        ({"loss": [3.0, 2, 1], "val_loss": [np.nan, np.inf, 2]}, "loss", 2),
        ({"loss": [1.0, 2, 3]}, "loss", 0),
        ({"loss": [1.0, 2, 3], "accuracy": [0.1, 0.9, 0.2]}, "accuracy", 1),
        ({"loss": [1.0, 2, 3], "accuracy": [0.1, 0.9, 0.2], "val_accuracy": [0.8, 0.7, 0.8 + 1e-9]}, "accuracy", 0),
        ({"loss": [np.nan, np.nan]}, "loss", None),
    ],
)
def test_a_ring_marks_the_best_epoch(qtbot, plot, figures, quantity, best):
    history = validated(**figures)
    invented.draw(qtbot, plot, history)
    plot.quantity.setCurrentIndex(plot.quantity.findData(quantity))
    invented.draw(qtbot, plot, history)
    assert plot.best_point.get_visible() == (best is not None)
    if best is not None:
        judged = figures.get(f"val_{quantity}", figures[quantity])
        assert plot.best_point.get_xydata().tolist() == [[50 * (best + 1), judged[best]]]
        assert f"best epoch, {best + 1}," in plot.header.legend.toolTip()


def test_the_learning_rate_can_be_drawn(qtbot, plot):
    history = History()
    history.append(invented.started())
    rates = 0.03 * 0.99 ** np.arange(150)
    history.append(dataclasses.replace(invented.steps(1, 150), learning_rate=rates))
    plot.update_from(history)
    plot.quantity.setCurrentIndex(plot.quantity.findData("learning_rate"))
    invented.draw(qtbot, plot, history)
    assert plot.training_line.get_ydata() == pytest.approx(rates)
    assert plot.axes.get_ylabel() == "learning rate"
    assert plot.header.legend.entries == ()
    assert len(plot.validation_line.get_xdata()) == 0


def test_the_title_is_no_wider_than_what_it_says(qtbot, plot):
    invented.draw(qtbot, plot, invented.history(50))
    narrow = plot.quantity.width()
    plot.quantity.setCurrentIndex(plot.quantity.findData("learning_rate"))
    qtbot.waitUntil(lambda: plot.quantity.width() > narrow)
    plot.quantity.setCurrentIndex(0)
    qtbot.waitUntil(lambda: plot.quantity.width() == narrow)


def earlier(number, total=150, shown=True):
    return EarlierRun(number, "", invented.history(total).bare(), shown)


def ghost_of(plot, number):
    """The lines of training and validation of an earlier run."""
    return plot._ghosts._lines[f"earlier {number}"]


def test_an_earlier_run_is_as_smooth_as_it_was_however_its_record_was_thinned(qtbot, plot):
    history, runs = invented.history(5000), EarlierRuns()
    loss = history.steps().loss
    runs.add(default_experiment(), history)
    assert len(runs.runs[0].history.steps()) < 2500
    history.earlier = runs.runs
    invented.draw(qtbot, plot, history)
    step, drawn = ghost_of(plot, 1)[0].get_data()
    assert drawn == pytest.approx(trailing_mean(loss, plot._window(history.steps().step))[step - 1])


def test_earlier_runs_are_drawn_behind_and_named(qtbot, plot):
    history = invented.history(100)
    history.earlier = (earlier(1, 150), earlier(2, 400, shown=False), earlier(3, 60))
    invented.draw(qtbot, plot, history)
    assert [entry.name for entry in plot.header.legend.entries] == ["train", "validation", "Run 1", "Run 3"]
    training, validation = ghost_of(plot, 1)
    assert training.get_xdata()[-1] == 150
    assert validation.get_xdata().tolist() == [50, 100, 150]
    assert np.array_equal(validation.get_ydata(), history.earlier[0].history.epochs().values["val_loss"])
    looks = {(line.get_color(), line.get_linestyle()) for number in (1, 3) for line in ghost_of(plot, number)}
    assert len(looks) == 2
    assert plot.axes.get_xlim()[1] >= 150, "the axis holds the longer run"
    moving = list(plot._moving())
    assert moving.index(training) < moving.index(plot.raw_line)


def test_an_earlier_run_is_hidden_shown_and_forgotten(qtbot, plot):
    history = invented.history(100)
    history.earlier = (earlier(1, 150), earlier(2))
    invented.draw(qtbot, plot, history)
    count = len(plot.axes.lines)
    history.earlier = history.earlier[1:]
    invented.draw(qtbot, plot, history)
    assert len(plot.axes.lines) == count - 2
    assert "Run 1" not in [entry.name for entry in plot.header.legend.entries]
    history.earlier = (dataclasses.replace(history.earlier[0], shown=False),)
    invented.draw(qtbot, plot, history)
    assert len(plot.axes.lines) == count - 4


def test_earlier_runs_show_the_metric_that_is_chosen(qtbot, plot):
    history = invented.history(100)
    history.earlier = (earlier(1),)
    invented.draw(qtbot, plot, history)
    plot.quantity.setCurrentIndex(1)
    invented.draw(qtbot, plot, history)
    _, validation = ghost_of(plot, 1)
    assert np.array_equal(validation.get_ydata(), history.earlier[0].history.epochs().values["val_accuracy"])


def test_earlier_runs_are_seen_before_the_first_step_and_in_another_theme(qtbot, plot):
    history = History()
    history.earlier = (earlier(1),)
    assert plot.is_empty
    invented.draw(qtbot, plot, history)
    assert not plot.is_empty
    before = ghost_of(plot, 1)[0].get_color()
    plot.set_theme(dark)
    invented.draw(qtbot, plot, history)
    assert ghost_of(plot, 1)[0].get_color() != before


def test_after_a_run_only_the_earlier_ones_are_named_until_the_next_begins(qtbot, plot):
    run, history = run_of("spiral"), invented.history(100)
    plot.start(run)
    invented.draw(qtbot, plot, history)
    assert plot.header.subtitle.text() == "binary crossentropy"
    plot.clear()
    assert plot.header.subtitle.text() == ""
    history = History()
    history.earlier = (earlier(1),)
    invented.draw(qtbot, plot, history)
    assert plot.header.subtitle.text() == "earlier runs only"
    assert [entry.name for entry in plot.header.legend.entries] == ["Run 1"]
    plot.start(run)
    invented.draw(qtbot, plot, history)
    assert plot.header.subtitle.text() == "binary crossentropy"
    assert [entry.name for entry in plot.header.legend.entries] == ["train", "Run 1"]


def exploded(number):
    history = History()
    history.append(invented.started())
    history.append(dataclasses.replace(invented.steps(1, 20), loss=np.geomspace(1, 1e11, 20)))
    return EarlierRun(number, "", history.bare(), shown=True)


def test_an_earlier_run_that_exploded_does_not_press_the_present_one_flat(qtbot, plot):
    history = invented.history(100)
    history.earlier = (exploded(1), earlier(2))
    invented.draw(qtbot, plot, history)
    highest = history.steps().loss.max()
    assert highest < plot.axes.get_ylim()[1] < 3 * highest
    plot.logarithmic.setChecked(True)
    invented.draw(qtbot, plot, history)
    low, high = np.log10(plot.axes.get_ylim())
    assert np.log10(highest) + 1 <= high, "there is room for a decade of it on a logarithmic axis"
    assert high - low <= 3


def test_before_the_first_step_the_axis_holds_earlier_runs_whatever_became_of_them(qtbot, plot):
    history = History()
    history.earlier = (exploded(1),)
    invented.draw(qtbot, plot, history)
    assert plot.axes.get_ylim()[1] >= 1e11


def test_a_click_in_the_legend_hides_an_earlier_run(qtbot, plot):
    history = invented.history(100)
    history.earlier = (earlier(1),)
    invented.draw(qtbot, plot, history)
    entry = plot.header.legend.entries[-1]
    assert entry.name == "Run 1"
    plot.header.legend.toggle(entry.key)
    invented.draw(qtbot, plot, history)
    assert not any(line.get_visible() for line in ghost_of(plot, 1))
    history.earlier = (dataclasses.replace(history.earlier[0], given_name="train", colour=2),)
    invented.draw(qtbot, plot, history)
    assert not any(line.get_visible() for line in ghost_of(plot, 1)), "still hidden under its new name"
    assert plot.training_line.get_visible(), "which is another curve's"
    assert ghost_of(plot, 1)[0].get_color() == plot.theme.series_colour(2)
    assert plot.header.legend.entries[-1].name == "train"


def test_the_table_has_earlier_runs_under_their_names(qtbot, plot):
    history = invented.history(100)
    history.earlier = (dataclasses.replace(earlier(1, 150), given_name="wide"), earlier(2, shown=False))
    invented.draw(qtbot, plot, history)
    titles, rows = plot.table()
    assert titles == ("step", "epoch", "loss", "val_loss", "loss (wide)", "val_loss (wide)")
    rows = {row[0]: row[1:] for row in rows}
    assert list(rows) == list(range(1, 151))
    other = history.earlier[0].history
    assert rows[100] == (
        2,
        history.steps().loss[99],
        history.epochs().values["val_loss"][1],
        other.steps().loss[99],
        rows[100][4],
    )
    assert rows[150] == ("", "", "", other.steps().loss[149], other.epochs().values["val_loss"][2])


def test_names_of_runs_stand_in_a_saved_picture_as_they_are(qtbot, plot):
    history = invented.history(100)
    names = ("_hidden", "cost $\\frac$", "<b>&")
    history.earlier = tuple(dataclasses.replace(earlier(place + 1), given_name=name) for place, name in enumerate(names))
    invented.draw(qtbot, plot, history)
    drawing = plot.rendered("svg").decode()
    for name in ("_hidden", "cost $\\frac$", "&lt;b&gt;&amp;"):
        assert f">{name}</text>" in drawing
