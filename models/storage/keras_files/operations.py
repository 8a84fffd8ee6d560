"""What Keras writes in a network beside layers of its catalogue, and layers of the catalogue that do the same.

That is arithmetic between layers, as in ``x * 0.5 + skip``, and the layers that ``keras.applications`` has for itself.
"""

from collections.abc import Callable, Mapping

Config = Mapping[str, object]
Number = float

home = "keras.src.ops.numpy"
merging = {"Add": "Add", "Subtract": "Subtract", "Multiply": "Multiply", "Maximum": "Maximum", "Minimum": "Minimum"}
"""Operations on two layers, with the layers that do the same."""
scaled: Mapping[str, Callable[[Number], tuple[Number, Number]]] = {
    "Add": lambda number: (1.0, number),
    "Subtract": lambda number: (1.0, -number),
    "Multiply": lambda number: (number, 0.0),
}
"""Operations on a layer and a number behind it, with the factor and the offset of the Rescaling that does the same."""
tensor_class = "__keras_tensor__"
scaled_sum = ("keras.src.applications.inception_resnet_v2", "CustomScaleLayer")
"""InceptionResNetV2's layer of two inputs, the second of which it multiplies by its ``scale`` and adds to the first."""
scaled_features = ("keras.src.applications.convnext", "LayerScale")
"""ConvNeXt's layer that multiplies each of ``projection_dim`` features by a number that is learned."""


def as_layers(description: Config) -> tuple[Config, ...]:
    """The layers that together do the same, the last under the same name; what is a layer already is the only one."""
    origin = description.get("module"), description.get("class_name")
    if origin == scaled_sum:
        return _as_scaled_sum(description)
    return (_as_scaled_features(description) if origin == scaled_features else _as_layer(description),)


def _as_scaled_sum(description: Config) -> tuple[Config, ...]:
    config, arguments = description.get("config"), _arguments(description)
    inputs = arguments[0] if arguments is not None and len(arguments) == 1 else None
    if not isinstance(config, dict) or not isinstance(inputs, list) or len(inputs) != 2 or not all(map(is_tensor, inputs)):
        return (description,)
    scaled_name = f"{config.get('name')}_scaled"
    history = {"class_name": tensor_class, "config": {"keras_history": [scaled_name, 0, 0]}}
    rescaling = _layer(description, "Rescaling", {"scale": config.get("scale")}, inputs[1:], scaled_name)
    return rescaling, _layer(description, "Add", {}, [[inputs[0], history]])


def _as_scaled_features(description: Config) -> Config:
    config, inputs = description.get("config"), _arguments(description)
    if not isinstance(config, dict) or inputs is None or len(inputs) != 1 or not is_tensor(inputs[0]):
        return description
    first = {"module": "keras.initializers", "class_name": "Constant", "config": {"value": config.get("init_values")}}
    arguments = {"equation": "...a,a->...a", "output_shape": [config.get("projection_dim")], "kernel_initializer": first}
    return _layer(description, "EinsumDense", arguments, inputs)


def _as_layer(description: Config) -> Config:
    """The layer that does the same as an operation; anything else as it is, to be refused by others."""
    name, arguments = description.get("class_name"), _arguments(description)
    if description.get("module") != home or not isinstance(description.get("config"), dict):
        return description
    if not isinstance(name, str) or arguments is None or len(arguments) != 2:
        return description
    if all(map(is_tensor, arguments)) and name in merging:
        return _layer(description, merging[name], {}, [list(arguments)])
    if not is_tensor(arguments[0]) and name in ("Add", "Multiply"):
        arguments = arguments[::-1]
    number = arguments[1]
    if not is_tensor(arguments[0]) or not isinstance(number, int | float) or isinstance(number, bool) or name not in scaled:
        return description
    scale, offset = scaled[name](float(number))
    return _layer(description, "Rescaling", {"scale": scale, "offset": offset}, arguments[:1])


def _arguments(description: Config) -> list[object] | None:
    """What the only call is given by position; none where there are other calls, or others things given."""
    calls = description.get("inbound_nodes")
    if not isinstance(calls, list) or len(calls) != 1 or not isinstance(calls[0], dict) or calls[0].get("kwargs"):
        return None
    arguments = calls[0].get("args")
    return arguments if isinstance(arguments, list) else None


def is_tensor(value: object) -> bool:
    """Whether `value` is what a layer puts out."""
    return isinstance(value, dict) and value.get("class_name") == tensor_class and isinstance(value.get("config"), dict)


def _layer(description: Config, kind: str, arguments: Config, inputs: list[object], name: str | None = None) -> Config:
    config = description["config"]
    assert isinstance(config, dict)
    name = config.get("name") if name is None else name
    return {
        **description,
        "module": "keras.layers",
        "class_name": kind,
        "registered_name": None,
        "name": name,
        "config": {"name": name, **arguments},
        "inbound_nodes": [{"args": inputs, "kwargs": {}}],
    }
