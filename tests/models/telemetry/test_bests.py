"""The best epoch by each figure."""

import numpy as np
import pytest

from models.telemetry.bests import BestEpoch, Bests


def noted(*lots):
    """What is best of epochs of 10 steps whose figures come in `lots`."""
    bests, epoch = Bests(), 0
    for lot in lots:
        numbers = epoch + 1 + np.arange(len(next(iter(lot.values()))))
        bests.note(numbers, 10 * numbers, {name: np.array(figures) for name, figures in lot.items()})
        epoch = int(numbers[-1])
    return bests


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_loss_is_best_where_it_is_smallest_and_an_accuracy_where_it_is_greatest(cut):
    losses, accuracies = [0.5, 0.2, 0.3, 0.4], [0.5, 0.6, 0.9, 0.9]
    whole = {"val_loss": losses, "accuracy": accuracies}
    bests = noted(*({name: figures[part] for name, figures in whole.items()} for part in (slice(cut), slice(cut, None))))
    assert bests.of("val_loss") == BestEpoch(2, 20, "val_loss", 0.2)
    assert bests.of("accuracy") == BestEpoch(3, 30, "accuracy", 0.9)
    assert bests.of("loss") is None


def test_of_epochs_that_are_equal_in_32_bits_the_first_is_best():
    first, second = 0.73, 0.73 - 1e-9
    assert noted({"loss": [first, second]}).of("loss") == BestEpoch(1, 10, "loss", first)
    assert noted({"loss": [first]}, {"loss": [second]}).of("loss") == BestEpoch(1, 10, "loss", 0.73)


def test_what_is_not_finite_is_never_best():
    assert noted({"loss": [np.nan, -np.inf, 1e300, 2.0, np.nan]}, {"loss": [np.nan]}).of("loss") == BestEpoch(4, 40, "loss", 2.0)
    assert noted({"loss": [np.nan, np.inf]}).of("loss") is None


def test_what_is_known_survives_being_written_down():
    bests = noted({"loss": [0.5, 0.4], "val_accuracy": [0.9, 0.8]})
    again = Bests.restored(bests.snapshot())
    assert [again.of(name) for name in ("loss", "val_accuracy")] == [bests.of(name) for name in ("loss", "val_accuracy")]
    assert Bests.restored(Bests().snapshot()).of("loss") is None
