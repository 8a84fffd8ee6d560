"""Equations of EinsumDense: what is said of those that are none or do not fit, and what becomes of an input."""

import pytest

from models.experiment.layers import EinsumDense
from models.experiment.layers.base import Parameters


def einsum(equation, sizes, bias=None):
    return EinsumDense(name="einsum", equation=equation, output_shape=sizes, bias_axes=bias)


@pytest.mark.parametrize(
    ("equation", "sizes", "bias", "shape", "output", "parameters", "products"),
    [
        ("ab,bc->ac", (5,), "c", (3,), (5,), 3 * 5 + 5, 3 * 5),
        ("abc,cd->abd", (None, 5), None, (7, 3), (None, 5), 3 * 5, 7 * 3 * 5),
        ("...x,xy->...y", (5,), "y", (7, 7, 3), (7, 7, 5), 3 * 5 + 5, 7 * 7 * 3 * 5),
        ("abc,cde->abde", (7, 2, 5), "de", (7, 3), (7, 2, 5), 3 * 2 * 5 + 2 * 5, 7 * 3 * 2 * 5),
        ("ab...,bc->ac...", (5,), "c", (3, 6, 7), (5, 6, 7), 3 * 5 + 5, 6 * 7 * 3 * 5),
        ("abc,cd->ad", (5,), None, (7, 3), (5,), 3 * 5, 3 * 5),
    ],
)
def test_what_becomes_of_an_input(equation, sizes, bias, shape, output, parameters, products):
    layer = einsum(equation, sizes, bias)
    assert layer.complaints(shape) == ()
    assert layer.output(shape) == output
    assert layer.parameters_of((shape,)) == Parameters(parameters)
    assert layer.multiply_adds(shape) == products


@pytest.mark.parametrize(
    ("layer", "shape", "field", "words"),
    [
        (einsum("ab->ac", (5,)), (3,), "equation", "“ab->ac” is no such equation: it takes letters for the input, a comma"),
        (einsum("...ab,bc->ac", (5,)), (3,), "equation", "“...ab,bc->ac” is no such equation"),
        (einsum("abc,cd->abd", (None, 5)), (3,), "equation", "are 3 axes, the batch among them; what comes in has 2"),
        (einsum("ab,bc->ac", (4, 5)), (3,), "output_shape", "output_shape needs 1 size, for “c”."),
        (einsum("ab,bc->ad", (5,)), (3,), "equation", "d of the output stands neither for an axis of the input"),
        (einsum("ab,bcd->ac", (5,)), (3,), "equation", "d of the kernel stands neither for an axis of the input"),
        (einsum("ab,bddef->ac", (5,)), (3,), "equation", "c of the output stands neither for an axis of the input"),
        (einsum("ab,bddef->a", ()), (3,), "equation", "d, e and f of the kernel stand neither for an axis of the input"),
        (einsum("abc,cd->bad", (7, 5)), (7, 3), "equation", "the output must begin with it, too"),
        (einsum("abc,cd->abd", (6, 5)), (7, 3), "output_shape", "Axis b comes in with 7 and is to go out with 6"),
        (einsum("abcdef,fg->abcdeg", (5, 5, 5, 5, 5)), (7, 7, 7, 7, 3), "output_shape", "Axis b comes in with 7"),
        (einsum("ab,bc->ac", (None,)), (3,), "output_shape", "The kernel's axis c has no size that is known"),
        (einsum("ab,bc->ac", (5,), "b"), (3,), "bias_axes", "bias_axes names letters of the output, “ac”; it names b."),
        (einsum("ab,bc->ac", (5,), "bb"), (3,), "bias_axes", "it names b."),
        (einsum("ab,bc->ac", (5,), "a"), (3,), "bias_axes", "There is no bias along a, whose size is not known."),
    ],
)  # fmt: skip
def test_why_an_equation_does_not_fit_is_said(layer, shape, field, words):
    (complaint,) = layer.complaints(shape)
    assert words in complaint.sentence
    assert (complaint.field, complaint.severity) == (field, "error")


def test_dots_that_keras_turns_round_are_replaced_by_letters():
    (complaint,) = einsum("...x,xy->...y", (5,), "y").complaints((6, 7, 3))
    assert "go out in reverse order; these, 6 × 7, do not" in complaint.sentence
    assert complaint.replace == einsum("abcx,xy->abcy", (6, 7, 5), "y")
    assert complaint.replace.output((6, 7, 3)) == (6, 7, 5)
