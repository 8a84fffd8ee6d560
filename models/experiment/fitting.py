"""Whether the weights of one network can go on as those of another."""

from models.experiment.report import Report


def misfit(then: Report, now: Report) -> str:
    """Why weights of the network `then` do not fit the network `now`, in a sentence; empty where they do."""
    if then.facts is not None and now.facts is not None and then.facts.input_shape != now.facts.input_shape:
        return "The data have another shape now: the weights of then do not fit."
    if len(then.layers) != len(now.layers):
        return f"The network has {len(now.layers)} layers now, and had {len(then.layers)}: the weights of then do not fit."
    for before, after in zip(then.layers, now.layers, strict=True):
        if (before.kind, before.output_shape, before.parameters) != (after.kind, after.output_shape, after.parameters):
            return f"The layer “{after.name}” was changed: the weights of then do not fit it."
    return ""
