"""Arithmetic of a window that slides along axes."""

from models.experiment.base import Shape


def slide(space: Shape, window: Shape, strides: Shape, padding: str, dilation: Shape | None = None) -> Shape:
    """Number of positions of a `window` in `space`, axis by axis.

    valid: ⌊(n − reach) / stride⌋ + 1 with reach = (window − 1) · dilation + 1; same and causal: ⌈n / stride⌉.
    Source: ``keras/src/ops/operation_utils.py``, ``compute_conv_output_shape``.
    """
    dilation = dilation or (1,) * len(window)
    if padding != "valid":
        return tuple(-(-size // stride) for size, stride in zip(space, strides, strict=True))
    return tuple(
        (size - ((length - 1) * step + 1)) // stride + 1
        for size, length, stride, step in zip(space, window, strides, dilation, strict=True)
    )
