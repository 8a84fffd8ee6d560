"""What Keras says of a layer, as one of our own declarations; what they cannot hold is refused or told, never lost."""

from collections.abc import Mapping
from typing import NoReturn, cast

from models.experiment.activations import Activation, ActivationFunction
from models.experiment.base import Value, Variant, type_name
from models.experiment.errors import BadInput
from models.experiment.fields import Field, FieldType, Integer, OneOf, Row, fields_of, kinds_in
from models.experiment.layers import RNN, AnyLayer, Bidirectional
from models.experiment.layers.base import Layer
from models.experiment.layers.left_out import left_out
from models.experiment.training import Precision
from models.storage.codec import Raw, from_raw, shown
from models.storage.keras_files.container import shown_name
from models.storage.keras_files.graph import Config, Node

own_layers = {"Maxout": "wiggle>Maxout"}
"""Our layers, with the names under which they are registered."""
layers = {kind.kind(): kind for kind in kinds_in(AnyLayer)}
applied = {
    kind.keras_layer: kind for kind in kinds_in(Activation) if issubclass(kind, ActivationFunction) and kind.keras_layer
}  # fmt: skip
"""Activations with parameters, by the layer that Keras has in their place."""

older_names = {("LeakyReLU", "alpha"): "negative_slope"}
"""Arguments that Keras 2 called otherwise."""

Accepted = tuple[object, ...]
anything: Accepted = ()
"""Of an argument that changes nothing."""
passed_over: Mapping[str, Accepted] = {
    "activity_regularizer": (None,),
    "attention_axes": anything,  # those of a layer that is built are looked at where its input is known
    "cache_output": anything,
    "data_format": (None, "channels_last"),
    "gptq_unpacked_column_size": anything,
    "implementation": anything,
    "input_axes": (None,),
    "input_length": anything,
    "lora_alpha": anything,
    "lora_rank": (None,),
    "noise_shape": (None,),
    "output_axes": (None,),
    "output_shape": (None,),
    "quantization_config": (None,),
    "renorm": (False,),
    "renorm_clipping": (None,),
    "renorm_momentum": anything,
    "return_state": (False,),
    "reverse_dtype": (None,),
    "rms_scaling": (False,),
    "sliding_window": (None,),
    "sparse": (False,),
    "stateful": (False,),
    "synchronized": (None, False),
    "time_major": (False,),
    "unroll": anything,
    "use_gate": (False,),
    "virtual_batch_size": (None,),
    "zero_output_for_mask": (False,),
}
"""Arguments of Keras that our layers lack, with the contents that mean the same as their absence."""
without_effect = "training"
"""An argument of calls: a network says itself to all its layers whether it is trained. Keras writes it for random layers."""
of_every_layer = ("name", "trainable", "dtype", "batch_shape", "batch_input_shape")

precisions: Mapping[object, Precision] = {
    None: "float32", "float32": "float32", "mixed_float16": "mixed_float16", "mixed_bfloat16": "mixed_bfloat16",
}  # fmt: skip


class Translator:
    """Makes our layers of Keras's, and notes what a person has to be told once."""

    def __init__(self, place: str) -> None:
        self._place = place
        self.precision: Precision = "float32"
        self.seeded = False
        """Whether the file gives seeds."""

    def layer(self, node: Node, name: str, sources: tuple[str, ...]) -> AnyLayer:
        """Our layer `name` for that of the file, reading `sources`. Raises `BadInput` where there is none that does the same."""
        place = f"{self._place}, layer “{shown_name(node.name)}”"
        kind, raw = self._layer(node.description, place)
        raw |= {"name": name} | ({"inputs": list(sources)} if sources else {})
        if node.frozen and issubclass(kind, Layer) and kind.holds_weights():
            raw["trainable"] = False
        raw |= self._called(kind, node.call, place)
        return cast(AnyLayer, from_raw({**raw, type_name: kind.kind()}, kind, place))

    def _called(self, kind: type[Variant], call: Config, place: str) -> Raw:
        """What a layer is called with, where our declaration has it; what says nothing is passed over."""
        known = {field.name for field in fields_of(kind) if field.at_call and field.name != "inputs"}
        raw: Raw = {}
        for name, content in call.items():
            if name in known:
                raw[name] = content
            elif content not in (None, False) and name != without_effect:
                _refuse(place, "a call on its inputs alone", f"{shown_name(name)}={shown(content)}")
        return raw

    def _layer(self, description: Config, place: str) -> tuple[type[Variant], Raw]:
        kind = _layer_kind(description, place)
        config = description.get("config")
        if not isinstance(config, dict):
            _refuse(place, "an object “config”", "none")
        self._note_precision(config.get("dtype"), place)
        if kind is Bidirectional:
            config = _without_forced(config)
        raw = self._arguments(kind, config, place, of_every_layer)
        if config.get("trainable") is False and issubclass(kind, Layer) and kind.holds_weights():
            raw["trainable"] = False
        return kind, raw

    def _arguments(self, kind: type[Value], config: Config, place: str, known: tuple[str, ...] = ()) -> Raw:
        """The arguments in `config` by the fields of `kind`."""
        fields = {field.name: field for field in fields_of(kind) if field.name not in of_every_layer and not field.at_call}
        raw: Raw = {}
        for key, content in config.items():
            name = older_names.get((kind.__name__, key), key)
            if name in fields:
                self._put(raw, fields[name], content, place)
            elif key == "seed":
                self.seeded |= content is not None
            elif key not in known:
                _check_passed_over(kind, key, content, place)
        return raw

    def _put(self, raw: Raw, field: Field, content: object, place: str) -> None:
        """Note the content of a field; a function of none is the one that does nothing, as in Keras."""
        if content is None and not field.optional and not field.required:
            return
        if content == [] and field.name == "axis" and field.optional:
            content = None  # as Keras writes the axis of a Normalization that has none
        raw[field.name] = self._content(_plain(content, place), field.type, f"{place}, {field.name}")

    def _content(self, content: object, wanted: FieldType, place: str) -> object:
        match wanted:
            case OneOf() if isinstance(content, dict):
                return self._variant(content, wanted, place)
            case OneOf() if isinstance(content, str) and wanted.find(content) is None:
                _refuse(place, wanted.expectation(), f"“{shown_name(content)}”", "functions are never looked up by name")
            case Integer() if isinstance(content, list) and len(content) == 1:
                return content[0]
            case Row() if isinstance(content, list):
                return [self._content(item, wanted.item, place) for item in content]
        return content

    def _variant(self, content: Config, wanted: OneOf, place: str) -> object:
        """An initializer, a regularizer, an activation or a layer inside another one."""
        name, config = content.get("class_name"), content.get("config")
        if name == "function" and isinstance(config, str):
            _check_origin(content, config, place)
            return self._content(config, wanted, place)
        if not isinstance(name, str) or not isinstance(config, dict):
            _refuse(place, wanted.expectation(), shown(content))
        if wanted.kinds and issubclass(wanted.kinds[0], Layer):
            kind, raw = self._layer(content, place)
            if kind not in wanted.kinds:
                _refuse(place, wanted.expectation(), f"“{shown_name(name)}”")
            inner_name = config.get("name")
            return {type_name: kind.kind(), "name": inner_name if isinstance(inner_name, str) else "layer", **raw}
        _check_origin(content, name, place)
        found = applied.get(name) if wanted.find("linear") else wanted.find(name)
        if found is None or found not in wanted.kinds:
            _refuse(place, wanted.expectation(), f"“{shown_name(name)}”")
        return {type_name: found.kind(), **self._arguments(found, config, place, of_every_layer)}

    def _note_precision(self, policy: object, place: str) -> None:
        """Layers in half precision make the training one of half precision; all else is refused."""
        if isinstance(policy, dict):
            config = policy.get("config")
            policy = config.get("name") if isinstance(config, dict) and policy.get("class_name") == "DTypePolicy" else policy
        found = precisions.get(policy) if isinstance(policy, str | None) else None
        if found is None:
            _refuse(place, "float32, mixed_float16 or mixed_bfloat16", shown(policy))
        if found != "float32":
            self.precision = found


def _without_forced(config: Config) -> Config:
    """What a Bidirectional is made with, but for what Keras then sets itself: of sequences, zeros at steps that are masked."""
    found = dict(config)
    for name in ("layer", "backward_layer"):
        inner = config.get(name)
        arguments = inner.get("config") if isinstance(inner, dict) else None
        if not isinstance(inner, dict) or not isinstance(arguments, dict) or inner.get("class_name") == RNN.kind():
            continue
        if arguments.get("zero_output_for_mask") is arguments.get("return_sequences"):
            rest = {key: content for key, content in arguments.items() if key != "zero_output_for_mask"}
            found[name] = {**inner, "config": rest}
    return found


def _layer_kind(description: Config, place: str) -> type[Variant]:
    """Our declaration of the layer's class. Raises `BadInput` for one that is not Keras's own, or not in the catalogue."""
    name = description.get("class_name")
    if not isinstance(name, str):
        _refuse(place, "the class of a layer", "none")
    own = next((own for own, registered in own_layers.items() if registered in (name, description.get("registered_name"))), None)
    if own is not None and name in (own, own_layers[own]):
        return layers[own]
    _check_origin(description, name, place, "keras.layers")
    if name not in layers or name in own_layers:
        _refuse(place, "a layer of the catalogue", f"“{shown_name(name)}”", left_out.get(name, ""))
    return layers[name]


def _check_origin(description: Config, name: str, place: str, *homes: str) -> None:
    """Refuse what is called like something of Keras and is something else. Keras 2 writes no module at all."""
    module, registered = description.get("module"), description.get("registered_name")
    own = module is None or module == "builtins" or (isinstance(module, str) and module.startswith("keras."))
    if registered not in (None, name) or not own or (homes and module not in (None, *homes)):
        found = f"“{shown_name(str(registered if isinstance(registered, str) else name))}” of {shown_name(str(module))}"
        remedy = "operations between layers are to be layers, such as Add" if str(module).startswith("keras.src.ops") else ""
        _refuse(place, "what is Keras's own", found, remedy or "a class or function of one's own is a program, and not run")


def _check_passed_over(kind: type[Value], key: str, content: object, place: str) -> None:
    if key not in passed_over:
        known = ", ".join(field.name for field in fields_of(kind))
        _refuse(place, f"arguments that {kind.__name__} has here ({known})", f"“{shown_name(key)}”")
    accepted = passed_over[key]
    if accepted is not anything and not any(content is each or (each is not False and content == each) for each in accepted):
        _refuse(f"{place}, {key}", " or ".join(shown(each) for each in accepted), shown(content))


def _plain(content: object, place: str, depth: int = 0) -> object:
    """Lists in the place of Keras's tuples and arrays."""
    if isinstance(content, list):
        return [_plain(item, place, depth + 1) for item in content]
    if isinstance(content, dict) and content.get("class_name") == "__tuple__":
        return _plain(content.get("items"), place, depth + 1)
    if isinstance(content, dict) and content.get("class_name") == "__numpy__":
        config = content.get("config")
        return _flat(config.get("value")) if isinstance(config, dict) else content
    return content


def _flat(content: object) -> object:
    """The numbers of a nested list in one row."""
    if not isinstance(content, list):
        return [content]
    return [number for item in content for number in cast(list[object], _flat(item))]


def _refuse(place: str, expected: str, found: str, remedy: str = "") -> NoReturn:
    raise BadInput(place, expected, found, remedy)
