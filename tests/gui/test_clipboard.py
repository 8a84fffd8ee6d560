"""Layers as text and back."""

import pytest

from gui import clipboard
from models.experiment.activations import LeakyRelu
from models.experiment.errors import BadInput
from models.experiment.layers import Add, Dense, Dropout

layers = (Dense(name="dense", units=3, activation=LeakyRelu(negative_slope=0.1)), Dropout(name="dropout", rate=0.2))


def test_text_and_back():
    assert clipboard.from_text(clipboard.to_text(layers)) == layers


def test_what_layers_read_goes_with_them():
    branch = (*layers, Add(name="add", inputs=("dense", "dropout")))
    assert clipboard.from_text(clipboard.to_text(branch)) == branch


def test_the_text_is_for_people():
    assert clipboard.to_text(layers[1:]).splitlines() == [
        "{",
        '  "layers": [',
        "    {",
        '      "kind": "Dropout",',
        '      "name": "dropout",',
        '      "rate": 0.2',
        "    }",
        "  ]",
        "}",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "clipboard: expected layers copied in Wiggle, found nothing."),
        ("hello", "clipboard: expected layers copied in Wiggle, found something else."),
        ("[1, 2]", "clipboard: expected layers copied in Wiggle, found something else."),
        ("[" * 100_000, "clipboard: expected layers copied in Wiggle, found something else."),
        ('{"layers": NaN}', "clipboard: expected layers copied in Wiggle, found something else."),
        ('{"layers": [{"kind": "Dens", "name": "a"}]}', "did you mean “Dense”?"),
        ('{"layers": [{"kind": "Dropout", "name": "a", "rate": 1.5}]}', "clipboard, layers[0].rate: expected a number"),
        ('{"layers": []}', "clipboard, layers: expected"),
        ('{"layers": 3}', "clipboard, layers: expected"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(BadInput) as refused:
        clipboard.from_text(text)
    assert sentence in str(refused.value)
