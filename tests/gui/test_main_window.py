"""The whole window with a scripted engine: one way from a click to a plot."""

import dataclasses

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QStyle, QStyleOptionComboBox

from gui.messages import DeviceEntry
from gui.plot_place import PlotPlace
from gui.theme import apply_theme, light
from models.experiment import edits
from models.experiment.data import Moons
from models.experiment.layers import Add, Dropout
from models.experiment.rules import EarlyStopping
from models.experiment.schedules import CosineDecay
from models.experiment.starter import default_experiment
from models.storage.files import save
from models.telemetry.events import PhaseChanged
from models.telemetry.wanted import Looks, Wanted
from tests.gui.plots.looked import predicted, run_of
from tests.gui.scripted import engine, train, worker


def test_one_click_trains_the_default_experiment_and_everything_moves(window):
    worker(window).notify(engine)
    train(window)
    worker(window).take_steps(1, 10)
    worker(window).end_epoch(1, 10)
    worker(window).probe(10, dead=0.25)
    show(window)
    history = window.training.history
    assert len(history.steps()) == 10
    assert history.last_probe is not None
    assert window.training.progress.step == 10
    assert "steps/s" in window.status.speed.text()
    worker(window).end()
    window.runner.deliver()
    assert window.runner.state == "idle"
    assert window.toolbar.train_button.isEnabled()


def test_buttons_follow_the_state(window):
    actions = window.actions_
    assert (actions.train.isEnabled(), actions.pause.isEnabled(), actions.stop.isEnabled()) == (True, False, False)
    train(window)
    assert (actions.train.isEnabled(), actions.pause.isEnabled(), actions.stop.isEnabled()) == (False, True, True)
    worker(window).emit(PhaseChanged(worker(window).run, "paused"))
    window.runner.deliver()
    assert window.toolbar.train_button.text().endswith("Resume")
    assert window.toolbar.train_button.sizeHint().width() <= window.toolbar.train_button.minimumWidth(), "nothing moves"
    window.toolbar.train_button.click()
    assert not worker(window).control.paused
    assert len(worker(window).jobs) == 1


def test_a_stop_is_seen_before_the_run_has_ended(window):
    """In a large network the last looks take longer than a step."""
    train(window)
    worker(window).take_steps(1, 7)
    show(window)
    share = window.toolbar.run_progress.bar.value()
    worker(window).emit(PhaseChanged(worker(window).run, "stopping"))
    window.runner.deliver()
    assert not window.actions_.stop.isEnabled()
    assert not window.actions_.pause.isEnabled()
    assert window.toolbar.run_progress.left.text() == "stopping"
    assert window.toolbar.run_progress.bar.value() == share > 0
    worker(window).end("stopped", "Stopped after step 7.")
    window.runner.deliver()
    assert window.actions_.train.isEnabled()
    assert window.toolbar.run_progress.left.text() != "stopping"


def test_an_experiment_with_errors_is_not_trained_but_shown(window):
    window.document.apply("Remove all", edits.with_network(window.document.experiment, ()))
    window.toolbar.train_button.click()
    assert worker(window).jobs == []
    assert "no layer" in window.status.message.text()


def test_learning_rate_acts_on_document_and_run(window):
    train(window)
    window.toolbar._rate.value_changed.emit(0.5)
    assert window.document.experiment.training.optimizer.learning_rate == 0.5
    assert worker(window).control.take_learning_rate() == 0.5
    assert not window.training.outdated


def show(window):
    """Show what has arrived, without waiting until numbers may change again."""
    window.runner.deliver()
    window.training._tell_progress()


def test_the_learning_rate_follows_a_schedule_and_the_document_does_not(window, monkeypatch):
    window.document.open(edits.set_at(window.document.experiment, "training.schedule", CosineDecay()), None)
    rate = window.document.experiment.training.optimizer.learning_rate
    train(window)
    worker(window).take_steps(1, 10, learning_rate=0.004321)
    show(window)
    assert window.toolbar._rate.value == 0.00432
    assert window.document.experiment.training.optimizer.learning_rate == rate
    assert not window.document.unsaved
    assert window.training_panel.curve.step == 10
    window.toolbar._rate._choose(0.5)
    worker(window).take_steps(11, 1, learning_rate=0.004)
    show(window)
    assert window.toolbar._rate.value == 0.5  # these steps may have been taken before
    monkeypatch.setattr("gui.toolbar.settling_seconds", 0.0)
    worker(window).take_steps(12, 1, learning_rate=0.4)
    show(window)
    assert window.toolbar._rate.value == 0.4
    worker(window).end()
    show(window)
    assert window.toolbar._rate.value == window.document.experiment.training.optimizer.learning_rate == 0.5


def test_a_learning_rate_that_nothing_changes_is_the_documents(window):
    train(window)
    worker(window).take_steps(1, 10, learning_rate=0.5)
    window.runner.deliver()
    assert window.toolbar._rate.value == window.document.experiment.training.optimizer.learning_rate


def test_a_change_takes_the_mark_off_the_curve(window):
    window.document.open(edits.set_at(window.document.experiment, "training.schedule", CosineDecay()), None)
    train(window)
    worker(window).take_steps(1, 10)
    show(window)
    assert window.training_panel.curve.step == 10
    window.document.apply("Change seed", replace(window.document.experiment, seed=5))
    assert window.training_panel.curve.step is None


def test_every_optimizer_and_device_can_be_read_in_the_narrowest_window(window, qapp, qtbot):
    apply_theme(qapp, light)  # its style leaves the names less room

    def narrowed():
        """The least width that holds is at first one from before the style."""
        window.resize(window.minimumSizeHint().width(), 700)
        qapp.processEvents()
        return window.width() == window.minimumSizeHint().width()

    qtbot.waitUntil(narrowed)
    boxes = ((window.toolbar._optimizer, ()), (window.toolbar._device, ("GPU:0",)))

    def cut():
        """The names that do not fit; the toolbar is laid out anew in some turns of the event loop."""
        found = []
        for box, more in boxes:
            option = QStyleOptionComboBox()
            box.initStyleOption(option)
            part = QStyle.SubControl.SC_ComboBoxEditField
            room = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, box).width()
            names = (*(box.itemText(place) for place in range(box.count())), *more)
            found += [name for name in names if box.fontMetrics().horizontalAdvance(name) > room]
        return found

    qapp.processEvents()
    qtbot.waitUntil(lambda: cut() == [])
    assert window.width() <= 1100


@pytest.mark.parametrize("path", ["training.batch_size", "training.epochs", "training.steps", "seed"])
def test_no_number_of_the_toolbar_is_cut_in_the_narrowest_window(window, qapp, qtbot, path):
    apply_theme(qapp, light)
    window.document.apply("x", edits.set_at(window.document.experiment, path, 2_000_000_000 if path == "seed" else 1_000_000))
    box = {"training.batch_size": "_batch", "training.epochs": "_epochs", "training.steps": "_steps", "seed": "_seed"}[path]
    line = getattr(window.toolbar, box).lineEdit()

    def whole():
        window.resize(window.minimumSizeHint().width(), 700)
        qapp.processEvents()
        return line.width() >= line.fontMetrics().horizontalAdvance(line.text()) + line.textMargins().left()

    qtbot.waitUntil(whole)
    assert window.width() <= 1160, "it grows by what is missing"


def test_the_length_of_a_run_is_shown_and_changed_in_its_unit(window, qapp):
    toolbar = window.toolbar
    window.resize(window.minimumSizeHint().width(), 700)
    narrowest = window.width()
    assert toolbar._epochs.isVisible()
    assert not toolbar._steps.isVisible()
    for steps in (25, None, 25):
        window.document.apply("x", edits.set_at(window.document.experiment, "training.steps", steps))
        qapp.processEvents()
        assert window.width() == narrowest
    assert not toolbar._epochs.isVisible()
    assert toolbar._steps.value() == 25
    toolbar._steps.setValue(35)
    assert window.document.experiment.training.steps == 35
    toolbar.train_button.click()
    worker(window).begin(epochs=4, steps=35)
    worker(window).take_steps(1, 35)
    window.runner.deliver()
    assert toolbar.run_progress.words.text() == "step 35 / 35"
    worker(window).end(step=35)
    window.runner.deliver()
    assert toolbar.run_progress.bar.value() == toolbar.run_progress.bar.maximum()
    assert not window.problems.list.rows or not window.problems.list.rows[0].isVisible()


def test_a_long_run_reads_right_in_the_room_there_is(window):
    window.document.apply("x", edits.set_at(window.document.experiment, "training.steps", 100_000_000))
    window.toolbar.train_button.click()
    worker(window).begin(epochs=10_000_000, steps=100_000_000)
    for step, words in ((35, "35 / 100\u2009000\u2009000"), (99_999_990, "99\u2009999\u2009999")):
        worker(window).take_steps(step, 1 if step == 35 else 10)
        show(window)
        label = window.toolbar.run_progress.words
        assert label.text() == words
        assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()
        assert label.toolTip().startswith("step ")
    window.actions_.reset.trigger()
    assert (label.text(), label.toolTip()) == ("", "")


def test_why_a_rule_ended_the_run_is_told_and_stays_under_problems(window):
    window.document.apply("x", edits.set_at(window.document.experiment, "training.early_stopping", EarlyStopping(patience=2)))
    train(window)
    worker(window).take_steps(1, 30)
    sentence = "val_loss did not improve for 2 epochs; the weights of epoch 1 were restored."
    worker(window).end("finished", sentence, 30, restored_epoch=1)
    window.runner.deliver()
    assert window.status.message.text() == sentence
    row = next(row for row in window.problems.list.rows if row.problem.sentence == sentence)
    assert row.problem.severity == "hint"
    window._go_to(row.problem.place, row.problem.layer, row.problem.field)
    assert window.training_panel.isVisible()


def test_a_change_during_the_run_is_noted(window):
    train(window)
    window.document.apply("Change seed", replace(window.document.experiment, seed=5))
    assert window.training.outdated
    assert "Changed" in window.status.note.text()
    window.document.undo()
    assert window.status.note.text() == ""


def test_reset_forgets_the_run(window):
    train(window)
    worker(window).take_steps(1, 5)
    window.runner.deliver()
    window.actions_.reset.trigger()
    assert len(window.training.history.steps()) == 0
    assert worker(window).control.stopped
    assert window.runner.state == "idle"


def test_another_document_shows_nothing_of_a_run_that_ended(window):
    train(window)
    worker(window).take_steps(1, 40)
    worker(window).end("finished", step=40)
    window.runner.deliver()
    window.document.open(replace(default_experiment(), name="another"), None)
    assert window.training.history.steps_seen == 0
    assert window.training.progress is None
    assert [run.name for run in window.training.earlier.runs] == ["Run 1"]


def test_a_run_that_goes_on_stays_when_another_document_is_opened(window):
    train(window)
    worker(window).take_steps(1, 40)
    window.runner.deliver()
    window.document.open(replace(default_experiment(), name="another"), None)
    assert window.runner.running
    assert window.training.history.steps_seen == 40


def test_layers_of_another_document_show_nothing_of_the_run_that_goes_on(window):
    told = []
    window.training.statistics_changed.connect(told.append)
    experiment = default_experiment()
    train(window)
    worker(window).probe(0)
    window.runner.deliver()
    assert told[-1]
    window.document.open(edits.set_at(experiment, "data", Moons()), None)
    assert told[-1] is None, "they have the same names"
    worker(window).probe(10)
    window.runner.deliver()
    assert told[-1] is None
    window.document.open(experiment, None)
    assert told[-1], "it is what is trained"


def test_divergence_stays_visible(window):
    train(window)
    rate = window.document.experiment.training.optimizer.learning_rate
    worker(window).end("diverged", "Step 7: the output of dense is not finite. Lower the learning rate.")
    window.runner.deliver()
    row = window.problems.list.rows[0]
    assert row.problem.sentence.startswith("Step 7")
    row.button.click()
    assert window.document.experiment.training.optimizer.learning_rate == pytest.approx(rate / 10)
    assert row.isVisible()
    train(window)
    assert not row.isVisible()


def test_a_failure_is_shown_with_its_sentence(window):
    train(window)
    worker(window).end("failed", "The disk is full.")
    window.runner.deliver()
    assert window.prompts.troubles == ["The disk is full."]


def test_what_was_told_about_a_run_is_gone_when_the_next_one_starts(window):
    train(window)
    worker(window).end("stopped", "Stopped after step 12.")
    window.runner.deliver()
    assert window.status.message.text()
    train(window)
    assert window.status.message.text() == ""


def test_a_plot_that_cannot_be_saved_is_told(window):
    window.plots.failed.emit("loss.png was not written: the disk is full.")
    assert window.prompts.troubles == ["loss.png was not written: the disk is full."]


def test_what_was_done_with_a_plot_stands_in_the_status_bar(window):
    next(panel for panel in window.plots.panels if panel.seen).plot.copy_image()
    assert window.status.message.text() == "Copied “Loss” as a picture"


def test_the_title_follows_the_name_of_the_experiment(window):
    window.document.apply("Rename", replace(window.document.experiment, name="Rings"))
    assert "Rings" in window.windowTitle()
    window.document.apply("Rename", replace(window.document.experiment, name="Discs"))
    assert "Discs" in window.windowTitle()


@pytest.mark.parametrize("name", ["_batch", "_epochs", "_seed"])
def test_undo_works_while_a_field_of_the_toolbar_has_the_focus(window, qtbot, name):
    field = getattr(window.toolbar, name)
    before = window.document.experiment
    with qtbot.waitActive(window):
        window.activateWindow()
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "37")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.hasFocus()
    assert window.document.experiment != before
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.document.experiment == before


def test_undo_names_the_change(window):
    window.document.apply("Change seed", replace(window.document.experiment, seed=9))
    assert "Change seed" in window.actions_.undo.text()
    window.actions_.undo.trigger()
    assert window.document.experiment.seed == 0
    assert "Change seed" in window.actions_.redo.text()
    assert not window.actions_.undo.isEnabled()


def test_toolbar_edits_the_document(window, qtbot):
    window.toolbar._batch.setValue(25)
    window.toolbar._epochs.setValue(7)
    window.toolbar._seed.setValue(3)
    box = window.toolbar._optimizer
    box.setCurrentIndex(box.findText("sgd"))
    box.activated.emit(box.currentIndex())
    experiment = window.document.experiment
    assert (experiment.training.batch_size, experiment.training.epochs, experiment.seed) == (25, 7, 3)
    assert experiment.training.optimizer.kind() == "SGD"


def drop(window, *paths):
    """Drop files on the window, as a file manager does; tells whether it took them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    how = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(5, 5), *how)
    window.dragEnterEvent(entering)
    window.dropEvent(QDropEvent(QPointF(QPoint(5, 5)), *how))
    return entering.isAccepted()


def test_a_dropped_file_is_opened(window, tmp_path):
    path = tmp_path / "dropped.wiggle.json"
    wanted = replace(default_experiment(), name="Dropped", seed=4)
    save(wanted, path)
    assert drop(window, path)
    assert window.document.experiment == wanted
    assert "dropped" in window.windowTitle()


def test_what_cannot_be_opened_is_told_when_it_is_dropped(window, tmp_path):
    before = window.document.experiment
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n")
    for dropped, found in (([tmp_path], "a folder"), ([picture], "Wiggle file"), ([picture, tmp_path], "one file, found 2")):
        assert drop(window, *dropped)
        assert found in window.prompts.troubles[-1]
    assert window.document.experiment == before


def test_closing_asks_about_changes_and_ends_the_worker(window):
    window.document.apply("Change seed", replace(window.document.experiment, seed=9))
    window.prompts.unsaved_answer = "cancel"
    assert not window.close()
    assert not worker(window).finished
    window.prompts.unsaved_answer = "discard"
    assert window.close()
    assert worker(window).finished


def test_menus_and_the_page_of_keys_say_in_words_what_a_button_shows_as_a_sign(window):
    window.document.apply("Change seed", replace(window.document.experiment, seed=9))
    window.actions_.keys.trigger()
    page = window.prompts.pages[0]
    assert all(f"<td>{word}</td>" in page for word in ("Train", "Pause", "Stop", "Undo", "Rename", "Skip from here"))
    assert window.actions_.pause.iconText() == "❚❚"
    assert window.toolbar.train_button.text() == "▶  Train"


def test_device_page_says_why_there_is_no_gpu(window):
    worker(window).notify(engine)
    window.runner.deliver()
    device = window.toolbar._device
    device.setCurrentIndex(device.count() - 1)
    device.activated.emit(device.currentIndex())
    assert "No card." in window.prompts.pages[0]
    assert "Buy one." in window.prompts.pages[0]


def test_who_asks_why_there_is_no_gpu_keeps_the_device_that_was_chosen(window):
    worker(window).notify(engine)
    window.runner.deliver()
    device = window.toolbar._device
    for entry in (device.findText("CPU"), device.count() - 1):
        device.setCurrentIndex(entry)
        device.activated.emit(entry)
    assert len(window.prompts.pages) == 1
    assert device.currentText() == "CPU"
    assert window.training.device == "cpu"


def test_a_remembered_device_that_is_gone_is_not_trained_on(window):
    window.training.device = "gpu:0"
    worker(window).notify(engine)
    window.runner.deliver()
    assert window.toolbar._device.currentText() == "auto"
    window.toolbar.train_button.click()
    assert worker(window).jobs[-1][1] == "auto"


def test_what_the_chosen_device_cannot_compute_with_is_a_problem(window):
    processor = DeviceEntry("cpu", "Test processor", 8_000_000_000, ("float32", "mixed_bfloat16"))
    card = DeviceEntry("gpu:0", "Test card", 8_000_000_000, ("float32", "mixed_bfloat16", "mixed_float16"))
    window.document.apply("x", edits.set_at(window.document.experiment, "training.precision", "mixed_float16"))
    assert window.document.report.ready  # as long as nothing is known of the device
    worker(window).notify(replace_devices(processor, card))
    window.runner.deliver()
    assert window.document.report.ready
    window.toolbar.device_chosen.emit("cpu")
    assert [problem.field for problem in window.document.report.errors] == ["precision"]
    window.toolbar.device_chosen.emit("gpu:0")
    assert window.document.report.ready


def replace_devices(*devices):
    return dataclasses.replace(engine, devices=devices)


def test_a_problem_leads_to_its_layer_and_field(window):
    network = edits.change(window.document.experiment.network, "output", units=3)
    window.document.apply("Change units", edits.with_network(window.document.experiment, network))
    problem = window.document.report.errors[0]
    window.problems.place_requested.emit(problem.place, problem.layer, problem.field)
    assert window.tabs.currentWidget() is window.inspector


def submenu(window, menu, title):
    """The entries of the menu called `title` within the menu bar's `menu`."""
    actions = top_menu(window, menu).actions()
    return next(action.menu() for action in actions if action.text().replace("&", "") == title).actions()


def top_menu(window, title):
    return next(action.menu() for action in window.menuBar().actions() if action.text().replace("&", "") == title)


def test_the_examples_menu_opens_an_example(window):
    entry = next(action for action in submenu(window, "File", "Examples") if "Xor" in action.text())
    entry.trigger()
    assert window.document.experiment.data.kind() == "xor"
    assert window.prompts.troubles == []


def test_the_recent_menu_opens_what_was_saved(window, tmp_path):
    wanted = replace(default_experiment(), name="Kept", seed=11)
    window.document.apply("Change seed", wanted)
    window.prompts.save_answer = tmp_path / "kept.wiggle.json"
    window.actions_.save.trigger()
    window.actions_.new.trigger()
    assert window.document.experiment == default_experiment()
    submenu(window, "File", "Open recent")[0].trigger()
    assert window.document.experiment == wanted
    submenu(window, "File", "Open recent")[-1].trigger()
    assert window._settings.recent_files == ()


def test_the_theme_menu_changes_the_look_and_is_remembered(window):
    dark = next(action for action in submenu(window, "View", "Theme") if "Dark" in action.text())
    before = window.palette().window().color().lightness()
    dark.trigger()
    try:
        assert window.palette().window().color().lightness() < before
        assert window._settings.theme == "dark"
    finally:
        submenu(window, "View", "Theme")[1].trigger()


def test_the_experiment_is_made_ready_when_tensorflow_is_there(window):
    worker(window).notify(engine)
    window.runner.deliver()
    assert worker(window).made_ready == [(window.document.experiment, window.training.device)]


def test_numbers_change_seldom_enough_to_be_read_and_the_last_one_stays(window, qtbot):
    told = []
    train(window)
    window.training.progress_changed.connect(lambda progress: told.append(progress.step))
    for step in range(1, 41):
        worker(window).take_steps(step, 1)
        window.runner.deliver()
    assert len(told) < 10
    qtbot.waitUntil(lambda: told[-1:] == [40])


def test_an_edited_experiment_is_made_ready_when_the_edits_rest(window, qtbot):
    worker(window).notify(engine)
    window.runner.deliver()
    for seed in (7, 8):
        window.document.apply("Seed", replace(window.document.experiment, seed=seed))
    made_ready = worker(window).made_ready
    qtbot.waitUntil(lambda: len(made_ready) > 1)
    assert [experiment.seed for experiment, _ in made_ready[1:]] == [8]


def test_many_layers_are_left_alone_for_longer_and_what_was_begun_is_given_up(window):
    settled = window.training._settled
    for layers, milliseconds in ((3, 660), (200, 4600)):
        network = edits.insert((), 0, [Dropout(name="dropout", rate=0.1)] * layers)
        window.document.apply("Layers", edits.with_network(window.document.experiment, network))
        assert (settled.isActive(), settled.interval()) == (True, milliseconds)
        assert worker(window).kept_ahead is window.document.experiment
    settled.stop()


def test_nothing_is_made_ready_while_a_run_waits(window):
    window.toolbar.train_button.click()
    worker(window).notify(engine)
    window.runner.deliver()
    assert worker(window).made_ready == []


def test_zoom_is_remembered(window, qtbot):
    window.actions_.zoom_in.trigger()
    assert window.stack.view.zoom == 110
    assert window._settings.zoom == 110
    window.actions_.zoom_usual.trigger()
    window.actions_.zoom_out.trigger()
    assert window._settings.zoom == 90


def test_panels_are_closed_from_the_menu_and_the_next_window_has_them_as_they_were(window, qtbot):
    menu = window._panels_menu
    assert menu.isEnabled()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == "Gradient norm").trigger()
    window.close()
    place = PlotPlace(window._settings.layout("panels"))
    qtbot.addWidget(place)
    place.show()
    place.load()
    qtbot.waitUntil(lambda: place.plots is not None, timeout=30_000)
    assert [panel.objectName() for panel in place.plots.panels if panel.isVisible()] == ["loss", "activations", "surface"]


def test_plots_of_one_layer_follow_the_selection(window):
    selected = []
    window.plots.select_layer = selected.append
    window.stack.view.select(("dense_1",))
    window.stack.view.select(("input",))
    assert selected[0] == "dense_1"
    assert "input" not in selected


def test_repeat_asks_how_often(window):
    window.stack.view.select(("dense",))
    window.actions_.repeat.trigger()
    assert len(window.document.experiment.network) == 3  # no answer
    window.prompts.number_answer = 4
    window.actions_.repeat.trigger()
    assert len(window.document.experiment.network) == 6
    window.document.undo()
    assert len(window.document.experiment.network) == 3


def test_find_is_reached_by_its_keys(window, qtbot):
    window.activateWindow()
    window.actions_.find.trigger()
    qtbot.keyClicks(window.stack.find_bar.field, "dense")
    window.actions_.find_next.trigger()
    assert window.stack.view.selected == ("dense_1",)
    window.actions_.find_previous.trigger()
    assert window.stack.view.selected == ("dense",)


def test_connecting_is_in_the_menu_with_its_keys(window):
    entries = {action.text().replace("&", ""): action for action in top_menu(window, "Network").actions()}
    keys = {words: action.shortcut().toString() for words, action in entries.items()}
    assert (keys["Skip from here"], keys["Join here"], keys["Rename"], keys["Add layer…"]) == ("S", "J", "F2", "A")
    window.stack.view.select(("dense",))
    entries["Skip from here"].trigger()
    assert "select a later layer and press J" in window.status.message.text()
    window.stack.view.select(("output",))
    entries["Join here"].trigger()
    assert window.document.undo_text == "Connect dense to output"


def test_letters_that_are_typed_are_no_keys_of_the_stack(window, qtbot):
    window.activateWindow()
    window.stack.view.select(("dense",))
    window.actions_.find.trigger()
    qtbot.keyClicks(window.stack.find_bar.field, "asj")
    assert window.stack.find_bar.field.text() == "asj"
    assert window.document.undo_text is None


def test_what_is_found_on_a_card_of_several_is_shown_alone(window, qtbot):
    window.stack.view.select(("dense", "dense_1"))
    window.stack.view.collapse_selected()
    window.actions_.find.trigger()
    qtbot.keyClicks(window.stack.find_bar.field, "dense")
    assert window.inspector.names == ("dense",)
    window.actions_.find_next.trigger()
    assert window.inspector.names == ("dense_1",)
    assert window.stack.find_bar.count.text() == "2 of 3"


def test_layers_are_collapsed_by_keys_and_a_problem_inside_is_gone_to(window, qtbot):
    window.activateWindow()
    window.stack.view.setFocus()
    window.stack.view.select(("dense", "dense_1"))
    qtbot.keyClick(window.stack.view, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert [each.layers for each in window.document.experiment.collapsed] == [("dense", "dense_1")]
    assert window.inspector.names == ("dense", "dense_1")
    window._go_to("network", "dense_1", "units")
    assert window.inspector.names == ("dense_1",)
    window.stack.view.select(("dense",))
    qtbot.keyClick(window.stack.view, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert window.document.experiment.collapsed == ()


def test_collapsing_changes_nothing_of_a_run(window):
    train(window)
    window.stack.view.select(("dense", "dense_1"))
    window.stack.view.collapse_selected()
    assert not window.training.outdated


def test_the_engine_looks_at_what_can_be_seen_and_brings_it_after_the_run_too(window):
    train(window)
    window._tick()
    assert worker(window).control.wanted == Wanted(answers=True)  # the decision regions ring what is wrong
    predictions = next(panel for panel in window.plots.panels if panel.objectName() == "predictions")
    window.plots.lay_out([predictions])
    window._tick()
    assert worker(window).control.wanted == worker(window).wishes[-1] == Wanted(predictions=True)
    worker(window).probe(10)
    worker(window).end()
    window.runner.deliver()
    prepared = run_of("spiral").prepared
    found = predicted(run_of("spiral"), prepared.y_val)
    worker(window).see(10, Looks(Wanted(predictions=True), predictions=found))
    window.runner.deliver()
    window._tick()
    assert predictions.plot.judged.accuracy == 1


def test_an_example_chosen_among_predictions_is_shown_by_its_neurons(window):
    train(window)
    panels = [panel for panel in window.plots.panels if panel.objectName() in ("predictions", "neurons")]
    window.plots.lay_out(panels)
    neurons, predictions = sorted((panel.plot for panel in panels), key=lambda plot: plot.title)
    neurons.example.set_numbers(np.arange(1, 52))
    predictions.example_chosen.emit(7)
    assert neurons.wanted.example == 7


def test_alt_and_an_arrow_in_the_list_of_inputs_change_their_order_and_move_no_layer(window, qtbot):
    first, second, output = window.document.experiment.network
    network = (first, second, Add(name="add", inputs=("dense_1", "dense")), output)
    window.document.apply("Add", edits.with_network(window.document.experiment, network))
    window.stack.view.select(("add",))
    names = [layer.name for layer in window.document.experiment.network]
    ticks = window.inspector.inputs.list
    ticks.setFocus()
    ticks.setCurrentRow(1)
    qtbot.keyClick(ticks, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert [layer.name for layer in window.document.experiment.network] == names
    assert window.document.experiment.network[2].inputs == ("dense", "dense_1")


def test_views_of_one_layer_show_one_of_the_document_that_was_opened(window):
    neurons = next(panel for panel in window.plots.panels if panel.objectName() == "neurons")
    window.plots.lay_out([neurons])
    assert neurons.plot.layer == "dense"
    window.document.open(run_of("digits-cnn").experiment, None)
    assert neurons.plot.layer == "conv2d"
    window.document.open(run_of("adding-lstm").experiment, None)
    assert neurons.plot.layer == "lstm", "a Masking before it holds no weights"


def test_every_action_that_cannot_be_chosen_says_why(window):
    def unexplained():
        return [action.text() for action in window.actions_.all() if not action.isEnabled() and action.toolTip()[-1:] != "."]

    assert unexplained() == []
    train(window)
    assert unexplained() == []
    assert window.actions_.find_rate.toolTip() == "A run goes on: stop it first (F8)."
    window.actions_.stop.trigger()
    assert unexplained() == []
    worker(window).end("stopped")
    window.runner.deliver()
    assert unexplained() == []
    assert window.actions_.find_rate.toolTip().startswith("Try learning rates")


def test_a_value_in_the_toolbar_that_is_not_legal_is_explained(window, qtbot):
    number, batch = window.toolbar._rate.number, window.toolbar._batch
    for field, caption in ((number, "Learning rate"), (batch, "Batch")):
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, "-5")
        sentence = window.status.message.text()
        assert sentence.startswith(f"{caption}: expected a")
        qtbot.keyClick(field, Qt.Key.Key_Tab)
        assert window.status.message.text() == sentence, "it was taken back, and nobody knows why"
    batch.setFocus()
    batch.selectAll()
    qtbot.keyClicks(batch, "-")
    qtbot.keyClicks(batch, "\b7")
    assert window.status.message.text() == ""


@pytest.mark.parametrize("width", [1100, 1440, 2560])
def test_what_finds_a_learning_rate_stands_above_it(window, qtbot, width):
    window.resize(width, 800)
    qtbot.wait(0)
    find, rate = window.toolbar.find_button, window.toolbar._rate
    assert find.mapTo(window, find.rect().topRight()).x() <= rate.mapTo(window, rate.rect().topRight()).x()
    assert rate.width() >= 118
