"""What reads what, and edits of networks that branch: from a network that can be built none that cannot be comes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from models.experiment import edits
from models.experiment.check import check
from models.experiment.data import Spiral
from models.experiment.experiment import Experiment
from models.experiment.graph import faults, leading_to, lineage, links, readers, sources, unread
from models.experiment.layers import Dense, Dropout, Flatten
from models.experiment.layers.base import Layer
from models.experiment.losses import BinaryCrossentropy
from models.experiment.training import Training
from tests.strategies import joined_graphs


class Join(Layer, tag="Join"):
    """Takes any number of inputs."""

    most_inputs = None


class Meet(Layer, tag="Meet"):
    """Takes two inputs, neither more nor less."""

    least_inputs = 2
    most_inputs = 2


kinds = (Flatten, Join, Meet)


def network(text):
    """Layers such as ``a b<input c<a,b``: those with several inputs are joins, the others Flatten."""
    layers = ()
    for word in text.split():
        name, _, named = word.partition("<")
        inputs = tuple(named.split(",")) if named else ()
        layers = (*layers, (Join if len(inputs) > 1 else Flatten)(name=name, inputs=inputs))
    return layers


def text(layers):
    return " ".join(layer.name + ("<" + ",".join(layer.inputs) if layer.inputs else "") for layer in layers)


residual = network("x d1 d2 add<d2,x out")
inception = network("a b1<input b2 cat<b2,a out")


def test_sources_readers_and_links_go_by_names_and_places():
    assert sources(inception) == (("input",), ("input",), ("b1",), ("b2", "a"), ("cat",))
    assert links(inception) == ((-1,), (-1,), (1,), (2, 0), (3,))
    assert readers(inception) == {
        "input": ("a", "b1"), "a": ("cat",), "b1": ("b2",), "b2": ("cat",), "cat": ("out",), "out": ()
    }  # fmt: skip
    assert links(network("a<gone b<c c")) == ((None,), (None,), (1,))
    assert sources(()) == links(()) == ()


def test_what_leads_to_a_layer_and_what_nothing_reads():
    assert leading_to(inception, 2) == (1,)
    assert leading_to(inception, 4) == (0, 1, 2, 3)
    assert lineage(inception, 2) == (1,)
    assert lineage(residual, 4) == (3,)
    assert lineage(residual, 2) == (0, 1)
    assert unread(inception) == unread(()) == ()
    assert unread(network("a b<a c<a d e<b")) == (2, 3)


@pytest.mark.parametrize(
    ("layers", "found"),
    [
        ("a b<a", []),
        ("a b<c c", [("later", "b", "c")]),
        ("a b<b", [("itself", "b", "b")]),
        ("a b<gone", [("unknown", "b", "gone")]),
        ("a b c<a", [("unread", "b", "")]),
    ],
)
def test_faults_say_what_cannot_be(layers, found):
    assert [(fault.kind, fault.layer, fault.source) for fault in faults(network(layers))] == found


def test_a_number_of_inputs_that_a_layer_cannot_take_is_a_fault():
    layers = (Flatten(name="a"), Flatten(name="b", inputs=("a", "input")), Meet(name="c"))
    assert [(fault.kind, fault.layer) for fault in faults(layers)] == [("too many", "b"), ("too few", "c")]


# --- edits


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (0, "new x d1 d2 add<d2,x out"),
        (1, "x new d1 d2 add<d2,x out"),
        (3, "x d1 d2 new add<new,x out"),
        (4, "x d1 d2 add<d2,x new out"),
        (5, "x d1 d2 add<d2,x out new"),
    ],
)
def test_what_is_inserted_goes_between_the_layer_before_and_its_reader(index, expected):
    assert text(edits.insert(residual, index, network("new"))) == expected


def test_where_the_next_layer_begins_a_branch_the_readers_of_the_layer_before_follow():
    assert text(edits.insert(inception, 1, network("new"))) == "a new b1<input b2 cat<b2,new out"


def test_what_is_inserted_reads_each_other_under_new_names_and_the_layer_before():
    block = network("d1 d2 add<d2,x")
    assert text(edits.insert(residual, 4, block)) == "x d1 d2 add<d2,x d1_1 d2_1 add_1<d2_1,add out"
    assert text(edits.insert((), 0, block)) == "d1 d2 add<d2,input"
    assert text(edits.insert(network("a"), 1, network("b<x c<y"))) == "a b c"


def test_a_layer_that_needs_two_inputs_gets_them():
    assert sources(edits.insert(network("a b"), 2, [Meet(name="meet")]))[2] == ("b", "a")
    assert sources(edits.insert((), 0, [Meet(name="meet")]))[0] == ("input", "input")


def test_layers_go_on_the_way_from_one_to_another_or_behind_one_for_all():
    assert text(edits.insert_between(residual, "x", "add", network("new"))) == "x d1 d2 new<x add<d2,new out"
    assert text(edits.insert_between(residual, "d1", "add", network("new"))) == text(residual)
    assert text(edits.insert_behind(residual, "x", network("new"))) == "x new d1 d2 add<d2,new out"
    assert text(edits.insert_behind(inception, "input", network("new"))) == "new a b1<new b2 cat<b2,a out"
    assert edits.insert_behind(residual, "gone", network("new")) == residual


@pytest.mark.parametrize(
    ("layers", "names", "expected"),
    [
        (residual, ("d1",), "x d2 add<d2,x out"),
        (residual, ("x",), "d1 d2 add<d2,input out"),
        (residual, ("add",), "x d1 d2 out"),
        (residual, ("d1", "d2"), "x add<x,x out"),
        (residual, ("out", "add"), "x d1 d2"),
        (inception, ("b1",), "a b2<input cat<b2,a out"),
        (inception, ("a",), "b1 b2 cat<b2,input out"),
        (network("a b c<a,b d<c,a"), ("c",), "a b d<a,b,a"),
        (network("a b c<a d<b,c e"), ("b", "c"), "a d<a,a e"),
    ],
)
def test_removing_a_layer_joins_what_it_read_to_what_read_it(layers, names, expected):
    assert text(edits.remove(layers, names)) == expected


@pytest.mark.parametrize(
    ("layers", "name", "index", "expected"),
    [
        (residual, "x", 2, "d1 x d2 add<d2,x out"),
        (residual, "d1", 3, "x d2 d1 add<d1,x out"),
        (residual, "add", 2, "x d1 add<d1,x d2 out"),
        (residual, "x", 4, "d1 d2 add<d2,input x out"),
        (inception, "a", 2, "b1 a<input b2<b1 cat<b2,a out"),
        (inception, "b2", 1, "a b2 b1<input cat<b1,b2 out"),
        (inception, "b1", 0, "b1 a<input b2<b1 cat<b2,a out"),
    ],
)
def test_moving_keeps_what_is_read_where_it_can_and_goes_by_place_where_not(layers, name, index, expected):
    assert text(edits.move(layers, (name,), index)) == expected


def test_a_move_that_leads_to_no_network_is_not_made():
    layers = (Flatten(name="a"), Flatten(name="b", inputs=("input",)), Meet(name="c", inputs=("b", "a")), Flatten(name="d"))
    assert not edits.can_move(layers, ("c",), 0) or not faults(edits.move(layers, ("c",), 0))
    assert edits.can_move(layers, ("a",), 2)


def test_renaming_and_putting_take_the_readers_along():
    assert text(edits.rename(residual, "x", "y")) == "y d1 d2 add<d2,y out"
    assert text(edits.put(residual, "x", Dropout(name="drop", rate=0.5))) == "drop d1 d2 add<d2,drop out"
    assert text(edits.put(residual, "add", Dense(name="dense", units=2))) == "x d1 d2 dense out"
    assert sources(edits.put(network("a b c"), "b", Meet(name="m")))[1] == ("a", "input")


def test_copies_go_on_from_their_originals():
    assert text(edits.duplicate(residual, ("d1", "d2", "add"))) == "x d1 d2 add<d2,x d1_1 d2_1 add_1<d2_1,add out"
    assert text(edits.duplicate(inception, ("cat",))) == "a b1<input b2 cat<b2,a cat_1<cat,a out"
    assert text(edits.duplicate(inception, ("b1",))) == "a b1<input b1_1 b2 cat<b2,a out"


def test_inputs_are_set_to_earlier_layers_only():
    assert edits.possible_inputs(residual, "d2") == ("input", "x", "d1")
    assert edits.possible_inputs(residual, "gone") == ()
    assert text(edits.set_inputs(residual, "out", ("d1",))) == "x d1 d2 add<d2,x out<d1"
    assert text(edits.set_inputs(network("a b<input"), "b", ("a",))) == "a b"
    for inputs in (("out",), ("add",), ("gone",), ()):
        assert edits.set_inputs(residual, "add", inputs) == residual


@given(joined_graphs(kinds), joined_graphs(kinds, most=3), st.data())
def test_a_network_without_faults_stays_one(layers, others, data):
    assert faults(layers) == ()
    for _ in range(3):
        names = [layer.name for layer in layers]
        chosen = tuple(data.draw(st.lists(st.sampled_from(names), unique=True))) if names else ()
        index = data.draw(st.integers(0, len(layers)))
        act = data.draw(st.sampled_from(("insert", "between", "behind", "duplicate", "move", "rename", "remove")))
        if act == "insert":
            layers = edits.insert(layers, index, others)
        elif act == "between" and names:
            reader = data.draw(st.integers(0, len(layers) - 1))
            layers = edits.insert_between(layers, sources(layers)[reader][-1], layers[reader].name, others)
        elif act == "behind":
            layers = edits.insert_behind(layers, data.draw(st.sampled_from(["input", *names])), others)
        elif act == "duplicate":
            layers = edits.duplicate(layers, chosen)
        elif act == "move":
            layers = edits.move(layers, chosen, index)
        elif act == "rename" and names:
            layers = edits.rename(layers, data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names)))
        else:
            layers = edits.remove(layers, chosen)
            assert {fault.kind for fault in faults(layers)} <= {"unread"}
            layers = edits.remove(layers, {layers[place].name for place in unread(layers)})
        assert faults(layers) == (), (act, text(layers))


@given(joined_graphs(kinds), joined_graphs(kinds, most=3), st.data())
def test_what_is_inserted_into_a_graph_can_be_removed_again(layers, others, data):
    index = data.draw(st.integers(0, len(layers)))
    single = tuple(replace(layer, inputs=()) for layer in others if layer.least_inputs == 1)
    longer = edits.insert(layers, index, single)
    inserted = {layer.name for layer in longer[index : index + len(single)]}
    assert sources(edits.remove(longer, inserted)) == sources(layers) or index == len(layers)


# --- what check says


def problems(*layers):
    value = Experiment(data=Spiral(), network=(*layers, Dense(name="output", units=1)), training=Training(loss=BinaryCrossentropy(from_logits=True)))  # fmt: skip  # noqa: E501
    return value, check(value).errors


def test_a_name_that_cannot_be_read_is_a_problem_with_a_remedy():
    for inputs, words in ((("gone",), "no earlier layer called gone"), (("output",), "further down"), (("b",), "itself")):
        value, (problem,) = problems(Dense(name="a", units=3), Dense(name="b", units=2, inputs=inputs))
        assert words in problem.sentence
        assert (problem.layer, problem.field) == ("b", "inputs")
        assert check(problem.remedy.edit(value)).ready


def test_a_layer_that_takes_one_input_says_so():
    value, (problem,) = problems(Dense(name="a", units=3), Dense(name="b", units=2, inputs=("a", "input")))
    assert "Dense takes" in problem.sentence
    assert check(problem.remedy.edit(value)).ready


def test_layers_that_lead_nowhere_are_an_error_and_are_deleted_together():
    value, found = problems(Dense(name="a", units=3), Dense(name="b", units=2), Dense(name="c", units=2, inputs=("a",)))
    assert [problem.layer for problem in found] == ["b"]
    assert found[0].remedy.label == "Delete it"
    mended = found[0].remedy.edit(value)
    assert [layer.name for layer in mended.network] == ["a", "c", "output"]
    assert check(mended).ready
    value, found = problems(
        Dense(name="a", units=3), Dense(name="b", units=2), Dense(name="b2", units=2), Dense(name="c", units=2, inputs=("a",))
    )
    assert {problem.remedy.label for problem in found} == {"Delete the 2 layers that lead nowhere"}
    assert check(found[1].remedy.edit(value)).ready


def test_shapes_follow_the_inputs():
    value, found = problems(Dense(name="a", units=3), Dense(name="b", units=2, inputs=("input",)))
    assert [problem.layer for problem in found] == ["a"]
    flows = {flow.name: (flow.input_shapes, flow.parameters.total) for flow in check(value).layers}
    assert flows == {"a": (((2,),), 9), "b": (((2,),), 6), "output": (((2,),), 3)}
