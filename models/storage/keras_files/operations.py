"""Arithmetic between layers, as in ``x * 0.5 + skip``: Keras writes an operation, and a layer says the same."""

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


def as_layer(description: Config) -> Config:
    """The layer that does the same as an operation; anything else as it is, to be refused by others."""
    name, calls, config = description.get("class_name"), description.get("inbound_nodes"), description.get("config")
    if description.get("module") != home or not isinstance(calls, list) or len(calls) != 1 or not isinstance(config, dict):
        return description
    arguments = calls[0].get("args") if isinstance(calls[0], dict) and not calls[0].get("kwargs") else None
    if not isinstance(name, str) or not isinstance(arguments, list) or len(arguments) != 2:
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


def is_tensor(value: object) -> bool:
    """Whether `value` is what a layer puts out."""
    return isinstance(value, dict) and value.get("class_name") == tensor_class and isinstance(value.get("config"), dict)


def _layer(description: Config, kind: str, arguments: Config, inputs: list[object]) -> Config:
    config = description["config"]
    assert isinstance(config, dict)
    return {
        **description,
        "module": "keras.layers",
        "class_name": kind,
        "registered_name": None,
        "config": {"name": config.get("name"), **arguments},
        "inbound_nodes": [{"args": inputs, "kwargs": {}}],
    }
