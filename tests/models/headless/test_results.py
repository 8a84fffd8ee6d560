"""What a run came to."""

import numpy as np
import pytest

from models.experiment.figures import smaller_is_better
from models.headless.results import best_epochs, ended_between_epochs, last_figures, summary
from models.telemetry.bests import BestEpoch
from models.telemetry.events import Ended, Started, StepsTaken
from models.telemetry.history import History
from tests.reports import epoch_ended


def history(steps, epochs):
    found = History()
    found.append(Started(1, "cpu", ("dense",), ("accuracy",), 2, 3))
    for step in range(1, steps + 1):
        found.append(
            StepsTaken(
                1,
                step,
                np.array([1]),
                np.array([1 / step]),
                {"accuracy": np.array([step / 10])},
                np.array([0.1]),
                {"dense": np.array([1.0])},
                0.1,
            )
        )
    for number, values in enumerate(epochs, 1):
        found.append(epoch_ended(1, number, 2 * number, values))
    return found


def test_the_best_loss_is_the_smallest_and_the_best_accuracy_the_greatest():
    epochs = [{"val_loss": loss, "val_accuracy": accuracy} for loss, accuracy in [(0.5, 0.6), (0.2, 0.9), (0.4, 0.9)]]
    assert best_epochs(history(6, epochs)) == {
        "val_loss": BestEpoch(2, 4, "val_loss", 0.2),
        "val_accuracy": BestEpoch(2, 4, "val_accuracy", 0.9),
    }


def test_the_best_epoch_of_a_long_run_is_told_though_its_row_was_let_go():
    found = history(1, [{"loss": 0.1 if number == 14_150 else 1.0} for number in range(1, 30_001)])
    assert 14_150 not in found.epochs().epoch
    end = summary(Ended(1, "finished", "", 60_000, 30_000), found, None, {})
    assert (end["best"], end["best_epoch"]) == ({"loss": 0.1}, {"loss": 14_150})


@pytest.mark.parametrize(
    ("name", "smaller"),
    [("loss", True), ("val_loss", True), ("val_mean_absolute_error", True), ("mean_absolute_percentage_error", True)]
    + [(name, False) for name in ("accuracy", "val_auc", "f1_score", "r2_score", "cosine_similarity", "precision")],
)
def test_which_way_is_better(name, smaller):
    assert smaller_is_better(name) is smaller


def test_the_last_figures_are_the_epochs_where_the_run_ended_with_one():
    found = history(4, [{"loss": 0.7, "val_loss": 0.8}, {"loss": 0.5, "val_loss": 0.6}])
    assert not ended_between_epochs(found)
    assert last_figures(found, {}) == {"loss": 0.5, "val_loss": 0.6}


def test_the_last_figures_are_the_steps_where_it_ended_between_two():
    found = history(5, [{"loss": 0.7, "val_loss": 0.8}, {"loss": 0.5, "val_loss": 0.6}])
    assert ended_between_epochs(found)
    assert last_figures(found, {"val_loss": 0.4}) == {"loss": 0.2, "accuracy": 0.5, "val_loss": 0.4}


def test_without_a_step_there_are_only_the_validation_figures():
    assert ended_between_epochs(history(0, []))
    assert last_figures(history(0, []), {"val_loss": 0.4}) == {"val_loss": 0.4}
