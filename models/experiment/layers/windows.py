"""Arithmetic of a window that slides along axes."""

from models.experiment.base import KnownShape, Shape


def slide(space: Shape, window: KnownShape, strides: KnownShape, padding: str, dilation: KnownShape | None = None) -> Shape:
    """Number of positions of a `window` in `space`, axis by axis; not known where the size of the axis is not.

    valid: ⌊(n − reach) / stride⌋ + 1 with reach = (window − 1) · dilation + 1; same and causal: ⌈n / stride⌉.
    Source: ``keras/src/ops/operation_utils.py``, ``compute_conv_output_shape``.
    """
    if padding != "valid":
        return tuple(size and -(-size // stride) for size, stride in zip(space, strides, strict=True))
    lengths = reach(window, dilation or (1,) * len(window))
    return tuple(size and (size - length) // stride + 1 for size, length, stride in zip(space, lengths, strides, strict=True))


def reach(window: KnownShape, dilation: KnownShape) -> KnownShape:
    """How far a `window` reaches whose neighbours are `dilation` apart."""
    return tuple((length - 1) * step + 1 for length, step in zip(window, dilation, strict=True))


def spread(space: Shape, window: KnownShape, strides: KnownShape, padding: str, rest: KnownShape | None) -> Shape:
    """Size of what a transposed convolution makes of `space`, the other way round than `slide`; `window` counts its gaps.

    Source: ``keras/src/backend/common/backend_utils.py``, ``_get_output_shape_given_tf_padding``.
    """
    axes = zip(space, window, strides, rest or (None,) * len(space), strict=True)
    return tuple(
        None if size is None else _spread_along(size, length, stride, padding, more) for size, length, stride, more in axes
    )


def _spread_along(size: int, length: int, stride: int, padding: str, more: int | None) -> int:
    if padding == "same":
        return size * stride if more is None else (size - 1) * stride + length % 2 + more
    return (size - 1) * stride + length + (max(stride - length, 0) if more is None else more)


def larger_than(window: KnownShape, space: Shape) -> bool:
    """Whether a `window` does not fit into `space`, as far as its sizes are known."""
    return any(size is not None and length > size for length, size in zip(window, space, strict=True))
