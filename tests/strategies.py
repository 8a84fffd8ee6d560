"""Hypothesis strategies that follow from the declarations: whatever may stand in a field, and whatever may not.

Everything is read through ``models.experiment.fields``; a layer kind that is added tomorrow is tested without a line here.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, cast

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from msgspec.structs import replace

from models.experiment import edits
from models.experiment.base import Shape, Value
from models.experiment.data import Facts, FileSource
from models.experiment.edits import base_name, free_name
from models.experiment.experiment import Experiment, Network
from models.experiment.fields import (
    Choice,
    Field,
    FieldType,
    Integer,
    OneOf,
    Part,
    Real,
    Row,
    Switch,
    Text,
    declarations_in,
    field_of,
    fields_of,
    kinds_in,
    new,
)
from models.experiment.graph import input_name, unread
from models.experiment.layers import AnyLayer
from models.experiment.layers.base import Layer
from models.storage.codec import to_raw

layer_kinds = kinds_in(AnyLayer)
joining_kinds = tuple(kind for kind in layer_kinds if cast(type[Layer], kind).most_inputs != 1)
"""Layers with several inputs."""
single_kinds = tuple(kind for kind in layer_kinds if kind not in joining_kinds)


def all_kinds() -> tuple[type[Value], ...]:
    """Every declaration of the document."""
    return declarations_in(Experiment)


# --- values that are legal


@cache
def contents(place: FieldType, size: int | None = None) -> SearchStrategy[Any]:
    """What may stand in a field of this type; whole numbers and lists no further than `size` from the least allowed."""
    match place:
        case Integer():
            most = place.most if size is None else min(place.most, max(place.least, 0) + size)
            return st.integers(place.least, most)
        case Real():
            return _reals(place, size)
        case Switch():
            return st.booleans()
        case Choice():
            return st.sampled_from(place.options)
        case Text():
            return _texts(place)
        case OneOf():
            return st.sampled_from(place.kinds).flatmap(lambda kind: values(kind, size))
        case Part():
            return values(place.kind, size)
        case Row():
            most_items = place.most if place.length is not None else min(place.most or 4, place.least + 4)
            items = contents(place.item, size)
            items = st.one_of(items, items, st.none()) if place.open else items
            return st.lists(items, min_size=place.least, max_size=most_items).map(tuple)
    raise TypeError(place)


@st.composite
def values(draw: DrawFn, kind: type[Value], size: int | None = None, **given: object) -> Any:
    """A value of this kind: some fields at their default, others anything legal, the `given` ones as given.

    What a layer reads is left to `graphs`: any names would be those of no layer.
    """
    found = dict(given)
    for field in fields_of(kind):
        if field.name != "inputs" and field.name not in found and (field.required or draw(st.integers(0, 2)) == 0):
            found[field.name] = draw(_field_contents(field, size))
    try:
        return kind(**found)
    except ValueError:  # a rule that binds values together, such as “each feature at most once”
        return new(kind, **given)


def networks(facts: Facts | None = None, size: int | None = None) -> SearchStrategy[Network]:
    """Layers with names of their own that mostly fit what comes in, but now and then do not."""
    return _networks(facts.input_shape if facts else None, size)


@st.composite
def graphs(draw: DrawFn, facts: Facts | None = None, size: int | None = None) -> Network:
    """The same layers, some of which read others than the layer before; not all of them lead to the output."""
    network = draw(networks(facts, size))
    for layer in network:
        if draw(st.integers(0, 2)) == 0:
            network = edits.set_inputs(network, layer.name, draw(_inputs_of(layer, edits.possible_inputs(network, layer.name))))
    return network


@st.composite
def joined_graphs(draw: DrawFn, kinds: Sequence[type[Layer]], most: int = 8) -> Network:
    """Layers of these kinds as they come from the palette, all of which lead to the output: a network without faults."""
    network: Network = ()
    for _ in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(kinds))
        network = (*network, replace(start(kind), name=free_name(base_name(kind), network)))
        last = network[-1]
        network = edits.set_inputs(network, last.name, draw(_inputs_of(last, edits.possible_inputs(network, last.name))))
    return edits.remove(network, {network[index].name for index in unread(network)})


@st.composite
def fitting_graphs(draw: DrawFn, shape: Shape, kinds: Sequence[type[Layer]], size: int = 4) -> Network:
    """Layers of these kinds that accept what they read, all of which lead to the output, for an input of `shape`."""
    network: Network = ()
    shapes = {input_name: shape}
    for _ in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(kinds))
        layer = draw(values(kind, size, name=free_name(base_name(kind), network)))
        reads = draw(_inputs_of(layer, tuple(shapes)))
        arriving = [shapes[name] for name in reads]
        if not any(complaint.severity == "error" for complaint in layer.complaints_of(arriving)):
            network = edits.set_inputs((*network, layer), layer.name, reads)
            shapes[layer.name] = layer.output_of(arriving)
    return edits.remove(network, {network[index].name for index in unread(network)})


def _inputs_of(layer: Layer, possible: Sequence[str]) -> SearchStrategy[list[str]]:
    """As many of the `possible` names as the layer takes, or one more than it needs."""
    most = layer.least_inputs + 1 if layer.most_inputs is None else layer.most_inputs
    return st.lists(st.sampled_from(possible), min_size=layer.least_inputs, max_size=most)


@st.composite
def experiments(draw: DrawFn, size: int | None = 12) -> Experiment:
    """Any experiment; `size` limits the numbers so that shapes stay small, none lets them be anything legal."""
    source = draw(contents(field_of(Experiment, "data").type, size))
    network = draw(networks(source.facts(), size) | graphs(source.facts(), size))
    return draw(values(Experiment, size, data=source, network=network))


@st.composite
def any_facts(draw: DrawFn, size: int = 12) -> Facts:
    """What any data set might deliver: of every rank from 1 to 3, for every task."""
    task = draw(st.sampled_from(("binary", "multiclass", "multilabel", "regression")))
    outputs = 2 if task == "binary" else draw(st.integers(1 if task == "regression" else 2, 5))
    shape = tuple(draw(st.lists(st.integers(1, size), min_size=1, max_size=3)))
    tokens = draw(st.none() | st.integers(1, size))
    return Facts(shape, task, outputs, draw(st.integers(1, 50)), draw(st.integers(0, 50)), tokens=tokens)


def is_file_source(kind: type[Value]) -> bool:
    """Whether examples of this kind of source come from a file."""
    return issubclass(kind, kinds_in(FileSource))


@st.composite
def _networks(draw: DrawFn, shape: Shape | None, size: int | None) -> Network:
    network: Network = ()
    for _ in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(layer_kinds))
        layer = draw(values(kind, size, name=free_name(base_name(kind), network)))
        layer = replace(layer, inputs=_enough(layer, network))
        fits = shape is not None and not _errors(layer, shape)
        if not fits and draw(st.integers(0, 5)):
            continue
        network = (*network, layer)
        shape = layer.output_of(_arriving(layer, shape)) if fits and shape is not None else None
    return network


def _errors(layer: Layer, shape: Shape) -> bool:
    return any(complaint.severity == "error" for complaint in layer.complaints_of(_arriving(layer, shape)))


def _arriving(layer: Layer, shape: Shape) -> tuple[Shape, ...]:
    return (shape,) * layer.least_inputs


def _enough(layer: Layer, network: Network) -> tuple[str, ...]:
    """The layer before, twice, for a layer that needs two inputs."""
    return (network[-1].name if network else "input",) * layer.least_inputs if layer.least_inputs > 1 else ()


def _field_contents(field: Field, size: int | None) -> SearchStrategy[Any]:
    legal = contents(field.type, size)
    return st.none() | legal if field.optional else legal


def _reals(place: Real, size: int | None) -> SearchStrategy[float]:
    least = None if place.least == float("-inf") else place.least
    most = None if place.most == float("inf") else place.most
    if size is not None:
        least, most = -float(size) if least is None else least, float(size) if most is None else most
    return st.floats(
        least,
        most,
        allow_nan=False,
        allow_infinity=False,
        exclude_min=place.open_least and least == place.least,
        exclude_max=place.open_most and most == place.most,
    )


def _texts(place: Text) -> SearchStrategy[str]:
    most = 12 if place.most_length is None else min(12, place.most_length)
    if place.pattern:
        return st.from_regex(place.pattern, fullmatch=True).map(lambda text: text[:most].rstrip("\n"))
    return st.text(st.characters(codec="utf-8"), min_size=place.least_length, max_size=most)


# --- contents of a file that are not legal


def illegal(place: FieldType) -> Iterator[object]:
    """Contents of a file that a field of this type must refuse."""
    anything: tuple[object, ...] = (1.5, True, "nonsense", [], {}, [[]], {"kind": []}, -(10**30), 10**400)
    match place:
        case Integer():
            yield from (place.least - 1, place.most + 1, place.least + 0.5, str(place.least), *anything[1:])
        case Real():
            yield from (bound for bound in (place.least, place.most) if not place.contains(bound) and abs(bound) < float("inf"))
            yield from (bound for bound in (place.least - 1, place.most + 1) if abs(bound) < float("inf"))
            yield from ("0.5", 10**400, *anything[1:7])
        case Switch():
            yield from (0, 1, "true", "nonsense", [], {})
        case Choice():
            yield from (*(option + "x" for option in place.options), 0, *anything)
        case Text():
            yield from (0, *anything[:2], *anything[3:])
            yield from ("x" * (place.most_length + 1),) if place.most_length else ()
            yield from ("",) if place.least_length or place.pattern else ()
            yield from ("-x", "a/b", "a b", "ä", "dense\n") if place.pattern else ()
        case OneOf():
            first = place.kinds[0]
            yield from (0, *anything, {"kind": "nonsense"}, {"kind": None}, {"kind": first.kind(), "nonsense": 1})
        case Part():
            yield from (0, *(thing for thing in anything if thing != {}))
        case Row():
            yield from (*(() if place.length else (0,)), 1.5, True, "nonsense", {})
            yield from () if place.open else ([None],)
            yield from ([thing] * (place.length or max(place.least, 1)) for thing in illegal(place.item))
            if place.most is not None:
                yield [_legal(place.item)] * (place.most + 1)
            if place.least:
                yield [_legal(place.item)] * (place.least - 1)


def _legal(place: FieldType) -> object:
    """One content of a file that this type accepts."""
    match place:
        case Integer() | Real():
            return max(place.least, 1)
        case Choice():
            return place.options[0]
        case Text():
            return "a"
        case OneOf():
            return to_raw(start(place.kinds[0]))
        case Row():
            return [_legal(place.item)] * max(place.least, 1)
    raise TypeError(place)


plain_shapes: tuple[Shape, ...] = (
    *((size,) * axes for axes in range(1, 6) for size in (8, 32)),
    (4000,), (300, 2), (8, 8, 3),
)  # fmt: skip
"""Shapes of which every kind of layer as it comes from the palette accepts one: more or fewer axes, sounds, images in colour."""


def fitting_ranks(kind: type[Layer]) -> list[int]:
    """Numbers of axes that a layer of this kind takes."""
    layer = cast(Layer, start(kind))
    return sorted({len(shape) for shape in plain_shapes if not _errors(layer, shape)})


def fitting_shape(layer: Layer) -> Shape:
    """The first of the plain shapes that `layer` accepts."""
    return next(shape for shape in plain_shapes if not _errors(layer, shape))


def start(kind: type[Value]) -> Value:
    """A value of this kind with as little as possible said: starting values, and a name or text where there is none."""
    missing = {
        field.name: _start_of(field.type) for field in fields_of(kind) if field.required and not isinstance(field.default, _plain)
    }
    return new(kind, **missing)


_plain = (int, float, str, tuple, Value)


def _start_of(place: FieldType) -> object:
    match place:
        case OneOf():
            return start(place.kinds[0])
        case Part():
            return start(place.kind)
        case Row() if isinstance(place.item, OneOf):
            return (start(place.item.kinds[0]),)
    return _legal(place)
