"""Which figures are reported beside the loss, and which of them fit the labels."""

from models.experiment.data import Facts
from models.experiment.encoding import Encoding
from models.experiment.figures import Metric
from models.experiment.training import Training

probabilities: tuple[Encoding, ...] = ("zero_one", "one_hot", "multi_hot")
"""Labels of 0 and 1, which outputs between 0 and 1 can be compared with."""
one_of_several: tuple[Encoding, ...] = ("index", "one_hot", "signed_one_hot")


def metric_names(training: Training, facts: Facts) -> tuple[Metric, ...]:
    """The figures asked for; where none are given accuracy for classes, mean absolute error for numbers."""
    if training.metrics is not None:
        return tuple(dict.fromkeys(training.metrics))
    return ("mean_absolute_error",) if facts.task == "regression" else ("accuracy",)


def fits(metric: Metric, encoding: Encoding, logits: bool = False) -> bool:
    """Whether `metric` means something for labels encoded so; `logits`: outputs are raw scores, not probabilities."""
    if metric == "accuracy":
        return encoding != "real"
    if metric == "top_k_categorical_accuracy":
        return encoding in one_of_several
    if metric in ("precision", "recall", "auc"):
        return encoding in probabilities and not (logits and encoding == "one_hot")
    if metric == "f1_score":
        return encoding in probabilities and not (logits and encoding != "one_hot")
    return encoding != "index"
