"""A network in Keras's own layers alone, so that its file opens wherever Keras is, without this program."""

from collections.abc import Collection
from math import prod

import keras

from models.engine.errors import EngineError
from models.engine.maxout import Maxout


def plain(model: keras.Model) -> keras.Model:
    """`model` itself where all its layers are Keras's; otherwise another one, with the same outputs, weights and optimizer.

    In place of a Maxout called ``m`` stand a Dense of the same name, which holds the same weights, and what takes the greatest.
    """
    if not any(isinstance(layer, Maxout) for layer in model.layers):
        return model
    taken = [layer.name for layer in model.layers]

    def call(layer: keras.Layer, *tensors: object, **options: object) -> keras.KerasTensor:
        return greatest_sums(layer, tensors[0], taken) if isinstance(layer, Maxout) else layer(*tensors, **options)

    copy = keras.models.clone_model(model, call_function=call)
    for layer in model.layers:
        if not layer.trainable:  # said when it was made, that reaches nothing inside it
            copy.get_layer(layer.name).trainable = True
            copy.get_layer(layer.name).trainable = False
    copy_values(model, copy)
    if model.compiled:
        copy.compile_from_config(model.get_compile_config())
        copy_optimizer(model.optimizer, copy.optimizer)
    return copy


def greatest_sums(layer: Maxout, inputs: keras.KerasTensor, taken: list[str]) -> keras.KerasTensor:
    """What `layer` makes of `inputs`, in layers of Keras whose names are not among those `taken`.

    To the pooling every unit, at every position, is a feature and its pieces are the steps. Reshape and pooling drop a mask;
    within TimeDistributed they let it pass to the layers behind.
    """
    masked = getattr(inputs, "_keras_mask", None) is not None
    if masked and len(inputs.shape) == 2:
        raise EngineError(f"Keras's own layers have no {layer.name} that lets a mask of whole examples pass. Leave the mask out.")
    positions = [-1 if size is None else size for size in inputs.shape[2 if masked else 1 : -1]]
    features = -1 if -1 in positions else prod(positions) * layer.units
    steps: dict[str, keras.Layer] = {
        "pieces": keras.layers.Reshape((features, layer.pieces), dtype=layer.dtype_policy),
        "greatest": keras.layers.GlobalMaxPooling1D(data_format="channels_first", dtype=layer.dtype_policy),
    }
    if positions:
        steps["units"] = keras.layers.Reshape((*positions, layer.units), dtype=layer.dtype_policy)
    outputs = weighted_sums(layer)(inputs)
    for word, step in steps.items():
        step.name = free_name(f"{layer.name}_{word}", taken)
        taken.append(step.name)
        outputs = keras.layers.TimeDistributed(step, name=step.name)(outputs) if masked else step(outputs)
    return outputs


def weighted_sums(layer: Maxout) -> keras.layers.Dense:
    """The layer of Keras that has the weights of `layer`."""
    return keras.layers.Dense(
        layer.units * layer.pieces,
        use_bias=layer.use_bias,
        kernel_initializer=layer.kernel_initializer,
        bias_initializer=layer.bias_initializer,
        kernel_regularizer=layer.kernel_regularizer,
        bias_regularizer=layer.bias_regularizer,
        dtype=layer.dtype_policy,
        name=layer.name,
        trainable=layer.trainable,
    )


def copy_values(model: keras.Model, copy: keras.Model) -> None:
    """Give the layers of `copy` the weights of those of `model`, and where they stand in their random numbers."""
    for layer in model.layers:
        if layer.variables:
            for old, new in zip(layer.variables, copy.get_layer(layer.name).variables, strict=True):
                new.assign(keras.ops.convert_to_numpy(old))
    for layer in copy._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # it computes with what it made of its weights before


def copy_optimizer(optimizer: keras.Optimizer, copy: keras.Optimizer) -> None:
    """Give `copy` what `optimizer` remembers, of each weight and of all: the weights have the same names, in another order."""
    values = {variable.path: variable for variable in optimizer.variables}
    known = {variable.path for variable in copy.variables}
    unnamed = iter([variable for variable in optimizer.variables if variable.path not in known])  # Nadam has such a one
    for variable in copy.variables:
        old = values[variable.path] if variable.path in values else next(unnamed)
        variable.assign(keras.ops.convert_to_numpy(old))


def free_name(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, with as many underlines behind it as it takes to be none of those `taken`."""
    while wanted in taken:
        wanted += "_"
    return wanted
