"""Every figure of the predictions is scikit-learn's, and a click leads to the examples behind it."""

import dataclasses
from itertools import combinations

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from sklearn import metrics

from gui.plots.axes import ticks
from gui.plots.axes.tiles import colour_bytes
from gui.plots.views.judged import Judged
from gui.plots.views.prediction_plot import PredictionPlot
from gui.plots.views.surface import Meaning
from gui.theme import dark, light
from models.data import prepare
from models.data.prepared import Prepared
from models.experiment.data import Arrays, Facts, Spiral, Table
from models.experiment.encoding import Target
from models.experiment.experiment import Experiment
from models.experiment.layers import Dense
from models.experiment.losses import BinaryCrossentropy, CategoricalCrossentropy, MeanSquaredError
from models.experiment.training import Training
from models.telemetry.wanted import Predictions, Wanted
from tests.gui.plots.looked import choose, click, looks, numbers_in_data, predicted, record, run_of, said, show
from tests.gui.plots.test_curve_plot import place, turn_wheel


@pytest.fixture
def plot(qtbot):
    plot = PredictionPlot(light)
    qtbot.addWidget(plot)
    return plot


def unsure(run, seed=0):
    """Probabilities of the second class that are often wrong."""
    true = run.prepared.y_val[:, 0]
    return 1 / (1 + np.exp(-(3 * (true - 0.5) + 2 * np.random.default_rng(seed).normal(size=len(true)))))[:, None]


def of_digits(seed=0):
    run = run_of("digits-cnn")
    scores = np.random.default_rng(seed).normal(size=(len(run.prepared.y_val), 10))
    scores[np.arange(len(scores)), run.prepared.y_val] += 2
    return run, np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


def judged(run, outputs, losses=None):
    return Judged(predicted(run, outputs, losses), Meaning.of(run.experiment, run.prepared), run.prepared)


def test_it_wants_predictions(plot):
    assert plot.wanted == Wanted(predictions=True)


def test_two_classes_are_scikit_learns():
    run = run_of("breast-cancer")
    outputs = unsure(run)
    found, true = judged(run, outputs), run.prepared.y_val[:, 0].astype(int)
    said = (outputs[:, 0] > 0.5).astype(int)
    np.testing.assert_array_equal(found.counts, metrics.confusion_matrix(true, said))
    assert found.accuracy == pytest.approx(metrics.accuracy_score(true, said))
    assert found.thresholds.area == pytest.approx(metrics.roc_auc_score(true, outputs[:, 0]), abs=1e-6)
    assert found.thresholds.average_precision == pytest.approx(metrics.average_precision_score(true, outputs[:, 0]), abs=1e-6)


def test_several_classes_are_scikit_learns():
    run, outputs = of_digits()
    found = judged(run, outputs)
    np.testing.assert_array_equal(found.counts, metrics.confusion_matrix(run.prepared.y_val, outputs.argmax(axis=1)))
    assert found.accuracy == pytest.approx(metrics.accuracy_score(run.prepared.y_val, outputs.argmax(axis=1)))


def test_several_labels_are_scikit_learns():
    run = run_of("multilabel")
    true = run.prepared.y_val
    outputs = np.clip(0.6 * true + 0.6 * np.random.default_rng(0).random(true.shape) - 0.1, 0, 1)
    found = judged(run, outputs)
    expected = metrics.multilabel_confusion_matrix(true, outputs > 0.5)
    np.testing.assert_array_equal(found.counts, np.stack([(m[1, 1], m[1, 0], m[0, 1], m[0, 0]) for m in expected]))
    assert found.accuracy == pytest.approx(((outputs > 0.5) == true).mean())


def test_residuals_are_scikit_learns_in_the_targets_own_numbers():
    run = run_of("sine")
    true = run.prepared.y_val
    outputs = true + 0.1 * np.random.default_rng(0).normal(size=true.shape)
    meaning = Meaning(Target("real", (1,), 1), ((20.0,), (5.0,)))
    found = Judged(predicted(run, outputs), meaning, run.prepared)
    error, explained = found.errors
    assert error == pytest.approx(metrics.root_mean_squared_error(20 + 5 * true, 20 + 5 * outputs), rel=1e-5)
    assert explained == pytest.approx(metrics.r2_score(true, outputs), rel=1e-5)
    np.testing.assert_allclose(found.residuals, 5 * (outputs - true), atol=1e-5)


def test_of_several_targets_the_explained_share_is_scikit_learns():
    random = np.random.default_rng(0)
    true = random.normal(size=(50, 3)) * (1, 40, 0)
    outputs = true + random.normal(size=true.shape) * (0.2, 30, 0.1)
    run = run_of("sine")
    prepared = dataclasses.replace(run.prepared, x_val=np.zeros((50, 1), np.float32), y_val=true.astype(np.float32))
    run = dataclasses.replace(run, prepared=prepared)
    found = Judged(predicted(run, outputs), Meaning(Target("real", (3,), 3)), prepared)
    assert found.errors[1] == pytest.approx(metrics.r2_score(true, outputs), rel=1e-5)


def test_several_scaled_targets_are_told_in_their_own_numbers(qtbot, plot, tmp_path):
    x = np.random.default_rng(0).normal(size=(50, 2))
    path = str(tmp_path / "two.npz")
    np.savez(path, x=x, y=np.stack([1000 + 300 * x[:, 0], 5 + 0.1 * x[:, 1]], axis=1))
    source = Arrays(path=path, target_scaling="standard")
    network = (Dense(name="output", units=2),)
    experiment = Experiment(data=source, network=network, training=Training(loss=MeanSquaredError()))
    prepared, raw = (prepare(replace(experiment, data=replace(source, target_scaling=each))) for each in ("standard", "none"))
    outputs = prepared.y_val + np.float32(0.5)  # half a deviation too much of each
    run = dataclasses.replace(run_of("sine"), experiment=experiment, prepared=prepared)
    show(qtbot, plot, run, looks(predictions=predicted(run, outputs)))
    found, deviations = plot.judged, raw.y_train.std(axis=0)
    np.testing.assert_allclose(found.truth, raw.y_val, rtol=1e-5)
    np.testing.assert_allclose(found.residuals, np.tile(0.5 * deviations, (len(outputs), 1)), rtol=1e-4)
    assert found.errors[0] == pytest.approx(np.sqrt((0.25 * deviations**2).mean()), rel=1e-4)
    true, said = found.verdict(0).split(" → ")
    assert [float(number.replace("\u2009", "")) for number in true.split(", ")] == pytest.approx(raw.y_val[0], rel=1e-2)
    assert len(said.split(", ")) == 2


@pytest.mark.parametrize("encoding", ["one_hot", "signed_one_hot"])
def test_of_two_outputs_the_marked_threshold_is_where_answers_change(qtbot, plot, encoding):
    run = run_of("breast-cancer")
    true = run.prepared.y_val[:, 0].astype(int)
    outputs = np.random.default_rng(0).normal(size=(len(true), 2)) + np.eye(2)[true]
    columns = np.eye(2, dtype=np.float32)[true]
    targets = columns if encoding == "one_hot" else 2 * columns - 1
    prepared = dataclasses.replace(run.prepared, y_val=targets, target=Target(encoding, (2,), 2))
    experiment = replace(run.experiment, network=(*run.experiment.network[:-1], Dense(name="output", units=2)))
    run = dataclasses.replace(run, prepared=prepared, experiment=experiment)
    show(qtbot, plot, run, looks(predictions=predicted(run, outputs)))
    choose(plot, "roc")
    assert plot.judged.thresholds.area == pytest.approx(metrics.roc_auc_score(true, outputs[:, 1] - outputs[:, 0]), abs=1e-6)
    answers = outputs.argmax(axis=1)
    np.testing.assert_allclose(plot._dots.get_offsets()[0], [answers[true == 0].mean(), answers[true == 1].mean()])


@pytest.mark.parametrize(
    ("encoding", "targets", "outputs", "logits"),
    [
        ("zero_one", [[0.0], [1.0]], [[0.4], [0.6]], False),
        ("zero_one", [[0.0], [1.0]], [[-0.1], [0.1]], True),
        ("signed", [[-1.0], [1.0]], [[-0.1], [0.1]], False),
        ("index", [0, 1], [[2.0, 1.0], [1.0, 2.0]], False),
        ("one_hot", [[1.0, 0.0], [0.0, 1.0]], [[0.6, 0.4], [0.4, 0.6]], False),
        ("signed_one_hot", [[1.0, -1.0], [-1.0, 1.0]], [[0.6, -0.4], [-0.4, 0.6]], True),
    ],
)
def test_classes_are_read_from_every_encoding(encoding, targets, outputs, logits):
    outputs = np.array(outputs)
    meaning = Meaning(Target(encoding, (), outputs.shape[1]), logits=logits)
    assert meaning.true_classes(np.array(targets)).tolist() == [0, 1]
    assert meaning.answers(outputs).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (BinaryCrossentropy(from_logits=True), [0.5, 0.75, 0.25]),
        (CategoricalCrossentropy(from_logits=True), [0.2307692, 0.6923077, 0.0769231]),
    ],
)
def test_raw_scores_become_the_probabilities_that_the_loss_makes_of_them(loss, expected):
    """A binary loss puts each score of several classes through a sigmoid; a softmax over them is another number."""
    training = Training(loss=loss)
    value = Experiment(data=Spiral(), network=(Dense(name="output", units=3),), training=training)
    facts = Facts((2,), "multiclass", 3, 4, 4)
    x, y = np.zeros((4, 2), np.float32), np.eye(4, 3, dtype=np.float32)
    meaning = Meaning.of(value, Prepared(facts, Target("one_hot", (3,), 3), x, y, x, y))
    assert meaning.values(np.log([[1.0, 3.0, 1 / 3]]))[0] == pytest.approx(expected)
    assert meaning.answers(np.log([[1.0, 3.0, 1 / 3]])).tolist() == [1]


@pytest.mark.parametrize(("encoding", "logits"), [("multi_hot", False), ("multi_hot", True), ("signed_multi_hot", False)])
def test_labels_are_read_from_every_encoding(encoding, logits):
    meaning = Meaning(Target(encoding, (2,), 2), logits=logits)
    low = -1.0 if encoding == "signed_multi_hot" else 0.0
    assert meaning.true_classes(np.array([[low, 1.0]])).tolist() == [[0, 1]]
    edge = 0.0 if logits or low < 0 else 0.5
    assert meaning.answers(np.array([[edge - 0.1, edge + 0.1]])).tolist() == [[0, 1]]


def test_the_matrix_shows_its_counts_and_tells_its_shares(qtbot, plot):
    run, outputs = of_digits()
    show(qtbot, plot, run, looks(predictions=predicted(run, outputs)))
    counts = plot.judged.counts
    texts = said(plot)
    assert texts[:10] == [str(number) for number in range(10)]
    assert texts[-100:] == [str(count) for count in counts.ravel().tolist()]
    box = plot._matrix
    row, column = 3, 3
    text = plot.describe_place(box.left + (column + 0.5) * box.width / 10, box.top + (row + 0.5) * box.height / 10)
    assert text == f"{counts[3, 3]} of class 3 taken for 3\n{100 * counts[3, 3] / counts[3].sum():.1f} % of its {counts[3].sum()}"


@pytest.mark.parametrize("classes", [200, 1000])
def test_of_many_classes_every_cell_that_is_not_empty_is_seen(qtbot, plot, classes):
    """Lines between the cells would cover them, and cells between two pixels be left out."""
    run, outputs = of_digits()
    show(qtbot, plot, run, looks(predictions=predicted(run, outputs)))
    prepared = dataclasses.replace(run.prepared, y_val=np.arange(classes))
    said = np.eye(classes)[7 * np.arange(classes) % classes]
    many = Judged(predicted(run, said), Meaning(Target("index", (), classes)), prepared)
    picture = np.zeros((round(plot.figure.bbox.height), round(plot.figure.bbox.width), 3), np.uint8)
    plot._paint_matrix(many, picture)
    box = plot._matrix
    inside = picture[box.top + 1 : box.top + box.height - 1, box.left + 1 : box.left + box.width - 1]
    empty = [np.all(inside == colour_bytes(each), axis=2) for each in (light.neutral, light.border)]
    assert not np.logical_or(*empty).all(axis=1).any(), "rows that show nothing"


@pytest.mark.parametrize("size", [(340, 300), (230, 190)])
def test_the_matrix_says_what_rows_and_columns_are_and_no_words_touch(qtbot, plot, size):
    run, outputs = of_digits()
    show(qtbot, plot, run, looks(predictions=predicted(run, outputs)), size=size)
    texts = {each.text: each for each in plot.written}
    assert texts["true class"].place.height() > texts["true class"].place.width(), "turned"
    assert {"predicted class", "0", "9"} <= set(texts)
    outside = [each.place.adjusted(0, 3, 0, -3) for each in plot.written if not plot._matrix.holds(*centre(each.place))]
    assert len(outside) >= 22
    assert not any(one.intersects(other) for one, other in combinations(outside, 2))
    assert all(each.place.right() <= plot.figure.bbox.width and each.place.left() >= 0 for each in plot.written)


def centre(place):
    return place.center().x(), place.center().y()


def test_what_is_summed_up_beneath_the_matrix_is_whole_in_every_width(qtbot, plot):
    run, outputs = of_digits()
    found = []
    for width in (480, 230, 160):
        show(qtbot, plot, run, looks(predictions=predicted(run, outputs)), size=(width, 420))
        found += [text for text in said(plot) if text.startswith("acc")]
    assert len(found) == 3
    assert not any("…" in text for text in found)
    assert [text.count("examples") for text in found] == [1, 1, 0]


def test_heads_of_labels_are_in_short_where_the_words_have_no_room(qtbot, plot):
    run = run_of("multilabel")
    found = looks(predictions=predicted(run, np.full(run.prepared.y_val.shape, 0.4)))
    show(qtbot, plot, run, found, size=(240, 190))
    assert {"TP", "FN", "FP", "TN"} <= set(said(plot))
    plot.resize(700, 300)
    plot.refresh()
    assert {"found", "false alarm"} <= set(said(plot))


def test_a_click_on_a_cell_leads_to_its_examples_and_one_on_an_example_to_all_that_is_known(qtbot, plot):
    run, outputs = of_digits()
    show(qtbot, plot, run, looks(predictions=predicted(run, outputs)))
    row, column = np.argwhere(plot.judged.counts * (1 - np.eye(10)) > 0)[0].tolist()
    box = plot._matrix
    plot.press(box.left + (column + 0.5) * box.width / 10, box.top + (row + 0.5) * box.height / 10)
    plot.refresh()
    assert (plot.chosen_way, plot.cell) == ("worst", (row, column))
    places = [place for _, place in plot._places]
    assert places
    assert all(plot.judged.verdict(place) == f"{row} → {column}" for place in places)
    with qtbot.waitSignal(plot.example_chosen) as chosen:
        click(qtbot, plot, plot._places[0][0])
    number = plot.judged.number(places[0])
    assert chosen.args == [number]
    assert any(text.startswith(f"example {numbers_in_data(run)[number]}, loss") for text in said(plot))
    assert f"{row} ✓" in said(plot)
    plot.press(5, 5)
    plot.refresh()
    assert plot.chosen is None
    plot.press(1, 1)
    plot.refresh()
    assert plot.cell is None
    assert len(plot._places) > len(places)


def test_what_is_looked_at_stays_in_the_next_run_with_the_same_data(qtbot, plot):
    run, outputs = of_digits()
    show(qtbot, plot, run, looks(predictions=predicted(run, outputs)))
    choose(plot, "worst")
    plot.cell = (3, 3)
    plot.chosen = 5
    plot.clear()
    show(qtbot, plot, run, looks(predictions=predicted(run, outputs)))
    assert (plot.chosen_way, plot.cell, plot.chosen) == ("worst", (3, 3), 5)
    other = dataclasses.replace(run, experiment=replace(run.experiment, seed=7))
    show(qtbot, plot, other, looks(predictions=predicted(run, outputs)))
    assert (plot.chosen_way, plot.cell, plot.chosen) == ("worst", None, None)


def test_the_worst_examples_come_first_and_what_is_not_finite_before_all():
    run = run_of("breast-cancer")
    losses = np.zeros(len(run.prepared.y_val))
    losses[[4, 9, 2]] = 1.0, 3.0, np.nan
    assert judged(run, unsure(run), losses).worst()[:3].tolist() == [2, 9, 4]


def test_worst_examples_of_a_table_tell_their_features(qtbot, plot):
    run = run_of("breast-cancer")
    show(qtbot, plot, run, looks(predictions=predicted(run, unsure(run))))
    choose(plot, "worst")
    box, place = plot._places[0]
    text = plot.describe_place(box.left + 5, box.top + 5)
    number = len(run.prepared.y_val) - 1
    assert text.startswith(f"example {numbers_in_data(run)[number]}: ")
    assert run.prepared.facts.feature_names[0] in text
    click(qtbot, plot, box)
    assert plot.chosen == plot.judged.number(place) == number


@pytest.mark.parametrize("scaling", ["none", "standard", "minmax"])
def test_features_and_targets_are_told_as_they_stand_in_the_table(tmp_path, scaling):
    """Also a 0, of which 32 bits leave something when it is scaled and scaled back."""
    random = np.random.default_rng(0)
    size, wet, price = random.normal(170, 3, 60).round(), np.arange(60) % 2, 1000.0 * random.integers(0, 4, 60)
    rows = [f"{a},{b},{c}" for a, b, c in zip(size, wet, price, strict=True)]
    (tmp_path / "a.csv").write_text("\n".join(["size,wet,price", *rows]), encoding="utf-8")
    source = Table(path=str(tmp_path / "a.csv"), target="price", task="regression", scaling=scaling, target_scaling="standard")
    network = (Dense(name="output", units=1),)
    prepared = prepare(Experiment(data=source, network=network, training=Training(loss=MeanSquaredError())))
    run = dataclasses.replace(run_of("sine"), prepared=prepared)
    found = Judged(predicted(run, prepared.y_val), Meaning(prepared.target, prepared.target_scale), prepared)
    for number, row in enumerate(prepared.predicted.tolist()):
        assert found.features(number) == [f"size {ticks.short(size[row])}", f"wet {wet[row]}"]
        assert found.verdict(number).startswith(f"{ticks.short(price[row])} → ")


@pytest.mark.parametrize("name", ["sine", "fruit", "digits-cnn"])
def test_in_a_narrow_panel_nothing_that_is_said_of_the_worst_examples_is_cut(qtbot, plot, name):
    run = run_of(name)
    units = run.prepared.target.units
    outputs = np.random.default_rng(1).random((len(run.prepared.y_val), units)) - 0.5 * (name == "sine")
    show(qtbot, plot, run, looks(predictions=predicted(run, outputs)), size=(230, 180))
    choose(plot, "worst")
    assert any(text.startswith("Highest loss first") for text in said(plot))
    assert not any("…" in text for text in said(plot))
    assert all(each.place.right() <= plot.figure.bbox.width for each in plot.written)


def test_the_roc_curve_has_the_usual_threshold_marked(qtbot, plot):
    run = run_of("breast-cancer")
    outputs, true = unsure(run), run.prepared.y_val[:, 0] == 1
    show(qtbot, plot, run, looks(predictions=predicted(run, outputs)))
    choose(plot, "roc")
    taken = outputs[:, 0] > 0.5
    expected = (taken & ~true).sum() / (~true).sum(), (taken & true).sum() / true.sum()
    np.testing.assert_allclose(plot._dots.get_offsets()[0], expected)
    x, y = plot._line.get_data()
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert not plot._dots.get_clip_on(), "a threshold in a corner is seen whole"
    (entry,) = plot.header.legend.entries
    assert entry.name == f"area {metrics.roc_auc_score(true, outputs[:, 0]):.4f} · {len(true)} examples"
    assert "validation examples" in plot.header.legend.toolTip()
    assert "threshold" in plot.describe(*expected)
    assert f"{(taken & true).sum()} of {true.sum()} found" in plot.describe(*expected)
    choose(plot, "precision")
    np.testing.assert_allclose(plot._dots.get_offsets()[0], (expected[1], (taken & true).sum() / taken.sum()))
    assert "average precision" in plot.header.legend.entries[0].name


def test_a_residual_leads_to_its_example(qtbot, plot):
    run = run_of("sine")
    outputs = run.prepared.y_val + 0.1
    outputs[7] += 2
    show(qtbot, plot, run, looks(predictions=predicted(run, outputs)))
    assert plot.chosen_way == "residuals"
    x, y = outputs[7, 0], plot.judged.residuals[7, 0]
    assert plot.describe(float(x), float(y)).startswith(f"example {numbers_in_data(run)[7]}: ")
    assert plot.describe(99.0, 99.0) == ""
    with qtbot.waitSignal(plot.example_chosen) as chosen:
        plot.press(float(x), float(y))
    assert chosen.args == [7]
    assert not plot._dots.get_clip_on(), "a dot at an edge is seen whole"
    plot.refresh()
    assert any("true " in text and "network " in text for text in said(plot))


def test_a_selection_of_many_examples_is_said(qtbot, plot):
    run = run_of("breast-cancer")
    rows = np.arange(0, len(run.prepared.y_val), 3)
    found = Predictions("validation", len(run.prepared.y_val), rows, unsure(run)[rows].astype(np.float32), np.zeros(len(rows)))
    show(qtbot, plot, run, looks(predictions=found))
    assert plot.header.subtitle.text().endswith(f"{len(rows)} of {len(run.prepared.y_val)} validation examples")
    assert plot.judged.classes.tolist() == run.prepared.y_val[rows, 0].tolist()


def test_no_figure_in_the_head_is_cut(qtbot, plot):
    run = run_of("breast-cancer")
    show(qtbot, plot, run, looks(predictions=predicted(run, unsure(run))))
    figure = f"accuracy {plot.judged.accuracy:.4f}"
    assert plot.header.subtitle.text().startswith(f"{figure}, ")
    assert plot.header.subtitle.shorter == (figure, f"acc {plot.judged.accuracy:.3f}")


def test_many_classes_stay_without_words(qtbot, plot):
    run, _ = of_digits()
    show(qtbot, plot, run, looks(predictions=predicted(run, np.random.default_rng(0).random((len(run.prepared.y_val), 40)))))
    assert plot.judged.counts.shape == (40, 40)
    assert said(plot) == ["true class", "predicted class", plot.header.subtitle.text()]


def test_it_follows_the_newest_look_and_is_empty_before_the_next_run(qtbot, plot):
    run = run_of("breast-cancer")
    show(qtbot, plot, run, looks(predictions=predicted(run, unsure(run))))
    before = plot.header.subtitle.text()
    plot.update_from(record(looks(predictions=predicted(run, unsure(run, 1))), step=9))
    plot.refresh()
    assert plot.header.subtitle.text() != before
    columns, rows = plot.table()
    assert columns == ("example", "loss", "true 0", "output 0")
    rows = list(rows)
    assert [number for number, *_ in rows] == numbers_in_data(run).tolist()
    plot.set_theme(dark)
    plot.refresh()
    assert plot.rendered("pdf").startswith(b"%PDF")
    plot.clear()
    plot.refresh()
    assert plot.is_empty
    assert plot.table() == ((), ())


def test_in_a_narrow_panel_the_choice_is_in_the_menu_only(qtbot, plot):
    run = run_of("breast-cancer")
    show(qtbot, plot, run, looks(predictions=predicted(run, unsure(run))), size=(181, 200))
    assert not plot.way.isVisible()
    menu = plot.menu()
    choices = next(action.menu() for action in menu.actions() if action.text() == "Show")
    next(action for action in choices.actions() if action.text() == "ROC").trigger()
    assert plot.chosen_way == "roc"
    menu.deleteLater()
    plot.resize(460, 320)
    qtbot.waitUntil(plot.way.isVisible)


def test_a_graph_is_zoomed_with_the_wheel_and_clicked_all_the_same(qtbot, plot):
    run = run_of("sine")
    outputs = run.prepared.y_val + 0.1 * np.random.default_rng(0).normal(size=run.prepared.y_val.shape)
    show(qtbot, plot, run, looks(predictions=predicted(run, outputs)))
    before = plot.axes.get_xlim()
    turn_wheel(plot, place(plot, 0.5, 0.5), 3)
    plot.refresh()
    left, right = plot.axes.get_xlim()
    assert before[0] < left < right < before[1]
    plot.update_from(record(looks(predictions=predicted(run, outputs)), step=9))
    plot.refresh()
    assert plot.axes.get_xlim() == (left, right)
    bottom, top = plot.axes.get_ylim()
    points = np.column_stack([outputs[:, 0], plot.judged.residuals[:, 0]])
    seen = points[(points > (left, bottom)).all(axis=1) & (points < (right, top)).all(axis=1)]
    x, y = plot.axes.transData.transform(seen[0])
    with qtbot.waitSignal(plot.example_chosen):
        qtbot.mouseClick(plot.canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(plot.canvas.height() - y)))


def test_a_picture_is_not_zoomed(qtbot, plot):
    run = run_of("breast-cancer")
    show(qtbot, plot, run, looks(predictions=predicted(run, unsure(run))))
    turn_wheel(plot, place(plot, 0.5, 0.5), 3)
    plot.refresh()
    assert plot.zoomed is None
    choose(plot, "roc")
    turn_wheel(plot, place(plot, 0.5, 0.5), 3)
    assert plot.zoomed is not None
    choose(plot, "precision")
    assert plot.zoomed is None


def test_outputs_that_are_no_numbers_are_counted_and_left_out_of_the_curves(qtbot, plot):
    run = run_of("breast-cancer")
    outputs = unsure(run)
    outputs[[3, 5]] = np.nan
    show(qtbot, plot, run, looks(predictions=predicted(run, outputs)))
    assert plot.header.subtitle.text().endswith("validation examples, 2 not finite")
    kept = np.isfinite(outputs[:, 0])
    expected = metrics.roc_auc_score(run.prepared.y_val[kept, 0], outputs[kept, 0])
    assert plot.judged.thresholds.area == pytest.approx(expected, abs=1e-6)


def test_of_one_class_there_is_no_curve(qtbot, plot):
    run = run_of("breast-cancer")
    rows = np.flatnonzero(run.prepared.y_val[:, 0] == 1)
    found = Predictions("validation", len(run.prepared.y_val), rows, unsure(run)[rows].astype(np.float32), np.zeros(len(rows)))
    show(qtbot, plot, run, looks(predictions=found))
    choose(plot, "roc")
    assert plot.header.legend.entries[0].name.startswith("one class only")
    assert "found" in plot.describe(0.5, 0.5)


def test_a_small_panel_shows_what_is_said_of_an_example_and_its_features_in_the_tool_tip(qtbot, plot):
    run = run_of("breast-cancer")
    show(qtbot, plot, run, looks(predictions=predicted(run, unsure(run))), size=(220, 180))
    choose(plot, "worst")
    click(qtbot, plot, plot._places[0][0])
    name = run.prepared.facts.feature_names[0]
    assert not any(text.startswith(name[:4]) for text in said(plot))
    assert name in plot.describe_place(20, 20)
    plot.resize(700, 400)
    qtbot.waitUntil(lambda: plot.refresh() or any(text.startswith(name) for text in said(plot)))


def test_where_not_all_classes_have_room_the_true_one_and_the_likeliest_are_named(qtbot, plot):
    run, outputs = of_digits()
    number = int(np.argmin(outputs[np.arange(len(outputs)), run.prepared.y_val]))
    show(qtbot, plot, run, looks(predictions=predicted(run, outputs)), size=(230, 170))
    plot.show_example(number)
    plot.chosen = number
    plot._hurry()
    plot.refresh()
    texts = said(plot)
    assert f"{run.prepared.y_val[number]} ✓" in texts
    assert str(outputs[number].argmax()) in texts
    assert sum(text.split()[0].isdigit() and len(text) <= 3 for text in texts) < 10
