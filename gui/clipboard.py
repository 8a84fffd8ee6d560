"""Layers on their way through the clipboard or a drag: JSON that a person can read and edit."""

import json
from collections.abc import Sequence
from typing import Annotated, cast

import msgspec
from msgspec import Meta
from PySide6.QtCore import QByteArray, QMimeData

from models.experiment.base import Value, Variant
from models.experiment.errors import BadInput
from models.experiment.experiment import Network
from models.experiment.fields import kinds_in
from models.experiment.layers import AnyLayer
from models.storage.codec import from_raw, to_raw

layers_type = "application/x-wiggle-layers"
"""Mime type of layers, as the text that `to_text` gives."""
kind_type = "application/x-wiggle-kind"
"""Mime type of a kind of the catalogue, by its Keras name."""

_kinds = {kind.kind(): kind for kind in kinds_in(AnyLayer)}


class Excerpt(Value):
    """Some layers of a network, on their own."""

    layers: Annotated[Network, Meta(min_length=1)]


def to_text(layers: Sequence[AnyLayer]) -> str:
    """`layers` as they stand in a file, under ``layers``."""
    return json.dumps(to_raw(Excerpt(layers=tuple(layers))), indent=2, ensure_ascii=False)


def from_text(text: str) -> Network:
    """The layers in `text`. Raises `BadInput` where there are none, or one of them cannot be."""
    try:
        raw = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raw = None
    if not isinstance(raw, dict) or "layers" not in raw:
        raise BadInput("clipboard", "layers copied in Wiggle", "something else" if text.strip() else "nothing")
    return from_raw(raw, Excerpt, "clipboard").layers


def layers_mime(layers: Sequence[AnyLayer]) -> QMimeData:
    """`layers` for the clipboard or a drag; other programs get the same as plain text."""
    text = to_text(layers)
    mime = QMimeData()
    mime.setText(text)
    mime.setData(layers_type, QByteArray(text.encode()))
    return mime


def kind_mime(kind: type[Variant]) -> QMimeData:
    """A kind of the catalogue for a drag."""
    mime = QMimeData()
    mime.setData(kind_type, QByteArray(kind.kind().encode()))
    return mime


def layers_in(mime: QMimeData) -> Network:
    """The layers that `mime` carries, as Wiggle's own type or as text. Raises `BadInput`."""
    if mime.hasFormat(layers_type):
        return from_text(_text(mime, layers_type))
    return from_text(mime.text())


def kind_in(mime: QMimeData) -> type[Variant] | None:
    """The kind that `mime` carries, if it carries one that the catalogue knows."""
    return _kinds.get(_text(mime, kind_type))


def _text(mime: QMimeData, mime_type: str) -> str:
    return cast(bytes, mime.data(mime_type).data()).decode(errors="replace")
