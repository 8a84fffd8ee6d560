"""Arrays from NumPy's files: x with the examples along its first axis, y with what belongs to each."""

from dataclasses import replace

import numpy as np

from models.data.errors import DataError, Place, Unusable, listed
from models.data.examples import (
    Array,
    Examples,
    are_classes,
    check_classes,
    check_weights,
    class_numbers,
    class_task,
    most_classes,
    token_count,
)
from models.data.files import stamp_of, unreadable
from models.experiment.base import Shape, most_axes
from models.experiment.counting import grouped
from models.experiment.data import Arrays

fewest_examples = 10
weights_name = "sample_weight"
largest = float(np.finfo(np.float32).max)
how_to_write = "write it with numpy.savez(path, x=x, y=y)"


def load_arrays(source: Arrays) -> Examples:
    """The examples in the file that `source` names.

    The file holds ``x`` and ``y``, which are split by the source's share, or ``x_train`` and ``y_train`` with ``x_val`` and
    ``y_val`` (or ``x_test`` and ``y_test``), which stay split as they are. A plain x (n,) is taken as one column (n, 1).
    ``sample_weight`` (``sample_weight_train``, …) may say how much each example counts; examples without one count 1.

    Raises `Unusable` where the file does not hold that, and `DataError` where the source asks for another task than it has.
    """
    try:
        parts, weights = _read(source.path)
    except DataError as problem:
        raise Unusable.because_of(problem) from None
    x, y = (np.concatenate(each) for each in zip(*parts, strict=True))
    if len(x) < fewest_examples:
        raise Unusable(Place(source.path), f"at least {fewest_examples} examples", str(len(x)), "choose another file")
    if x.ndim == 1:
        x = x[:, np.newaxis]
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    names = tuple(f"x{index}" for index in range(x.shape[1])) if x.ndim == 2 else ()
    training = len(parts[0][0]) if len(parts) == 2 else None
    return replace(_examples(source, x, y, names, training), weights=weights)


def _read(path: str) -> tuple[list[tuple[Array, Array]], Array | None]:
    """Inputs and targets of each part, one part or training and validation; and the weights of all examples."""
    stamp_of(path)
    try:
        # Opened here: NumPy leaves a file that it cannot read open.
        with open(path, "rb") as file:
            content = np.load(file, allow_pickle=False)
            if not isinstance(content, np.lib.npyio.NpzFile):
                raise DataError(Place(path), "a file with arrays x and y", "a single array", how_to_write)
            with content as arrays:
                names = _names(path, arrays.files)
                parts = [_part(path, arrays, x, y) for x, y in names]
                weights = _weights(path, arrays, [x for x, _ in names], [len(x) for x, _ in parts])
    except PermissionError as error:
        raise unreadable(path, error) from None
    except MemoryError:
        raise DataError(Place(path), "arrays that fit into the computer's memory", "larger ones", "use fewer examples") from None
    except DataError:
        raise
    except Exception as error:  # each way of packing an archive has errors of its own for damage
        found = "Python objects" if "Object arrays" in str(error) else "a damaged file or one of another kind"
        raise DataError(Place(path), "arrays of numbers in a NumPy file", found, how_to_write) from None
    if len(parts) == 2:
        _check_alike(path, parts[0], parts[1])
    return parts, weights


def _names(path: str, names: list[str]) -> list[tuple[str, str]]:
    """The arrays to read, as pairs of x and y."""
    if "x" in names and "y" in names:
        return [("x", "y")]
    if "x_train" in names and "y_train" in names:
        following = [(f"x_{part}", f"y_{part}") for part in ("val", "test") if f"x_{part}" in names and f"y_{part}" in names]
        return [("x_train", "y_train"), *following[:1]]
    found = f"the arrays {listed(names)}" if names else "no arrays"
    raise DataError(Place(path), "arrays x and y, or x_train, y_train, x_val and y_val", found, how_to_write)


def _part(path: str, file: np.lib.npyio.NpzFile, x_name: str, y_name: str) -> tuple[Array, Array]:
    x, y = _array(path, file, x_name), _array(path, file, y_name)
    for name, array, axes in ((x_name, x, most_axes + 1), (y_name, y, 2)):
        place = Place(path, array=name)
        if array.dtype.kind not in "biuf":
            raise DataError(place, "numbers", f"values of type {array.dtype}", "write numbers in their place")
        if not 1 <= array.ndim <= axes:
            found = f"{array.ndim} axes" + (f", {_sizes(array.shape)}" if array.ndim else "")
            raise DataError(place, f"1 to {axes} axes, the first counting the examples", found, "reshape it")
        if 0 in array.shape[1:]:
            raise DataError(place, "numbers for each example", f"the shape {_sizes(array.shape)}", "write the array again")
        _check_finite(place, array)
    if len(x) != len(y):
        found = f"{grouped(len(x))} in {x_name} and {grouped(len(y))} in {y_name}"
        raise DataError(Place(path), "as many inputs as targets", found, "the first axis of both counts the examples")
    return x, y


def _array(path: str, file: np.lib.npyio.NpzFile, name: str) -> Array:
    """The array of this name, in the place of which an archive may hold anything."""
    found: object = file[name]
    if not isinstance(found, np.ndarray):
        raise DataError(Place(path, array=name), "an array of numbers", "something else", how_to_write)
    return found


def _weights(path: str, file: np.lib.npyio.NpzFile, inputs: list[str], counts: list[int]) -> Array | None:
    """The weights that belong to the inputs of these names, `counts` examples each; none where there are none at all."""
    names = [name.replace("x", weights_name, 1) for name in inputs]
    if not any(name in file.files for name in names):
        return None
    return np.concatenate([
        _part_weights(Place(path, array=name), _array(path, file, name), count) if name in file.files else np.ones(count)
        for name, count in zip(names, counts, strict=True)
    ])  # fmt: skip


def _part_weights(place: Place, weights: Array, count: int) -> Array:
    if weights.dtype.kind not in "biuf":
        raise DataError(place, "numbers", f"values of type {weights.dtype}", "write numbers in their place")
    if weights.size != count or weights.ndim not in (1, 2) or len(weights) != count:
        found = f"the shape {_sizes(weights.shape)}" if weights.ndim else "a single number"
        raise DataError(place, f"a weight for each of {grouped(count)} examples", found, "write one number an example")
    _check_finite(place, weights)
    weights = weights.reshape(-1)
    check_weights(weights, place, lambda row: replace(place, index=(row,)))
    return weights


def _check_finite(place: Place, array: Array) -> None:
    if array.dtype.kind != "f":
        return
    # Written so that NaN fails it; beyond float32 a network could not count. In float16 that limit would itself be infinite.
    wrong = ~(np.abs(array) <= min(largest, float(np.finfo(array.dtype).max)))
    if wrong.any():
        position = np.unravel_index(int(np.argmax(wrong)), array.shape)
        index = tuple(int(each) for each in position)
        total = int(np.count_nonzero(wrong))
        found = f"{array[index]}" if total == 1 else f"{array[index]}, the first of {grouped(total)} such values"
        where = Place(place.file, array=place.array, index=index)
        raise DataError(where, "a finite number below 3.4e38", found, "replace it or leave the example out")


def _check_alike(path: str, training: tuple[Array, Array], validation: tuple[Array, Array]) -> None:
    for name, first, second in zip("xy", training, validation, strict=True):
        if first.shape[1:] != second.shape[1:]:
            found = f"{_sizes(first.shape)} for training and {_sizes(second.shape)} for validation"
            raise DataError(Place(path, array=name), "the same shape in both parts", found, "write both alike")
    if not len(training[0]):
        raise DataError(Place(path, array="x_train"), "examples to train with", "none", "choose another file")


def _sizes(shape: Shape) -> str:
    return " × ".join(f"{size}" for size in shape)


def _are_class_numbers(y: Array) -> bool:
    """Whether `y` looks like classes; whole numbers 0, 1, … k − 1, each present and there twice on average, may also be many."""
    if are_classes(y):
        return True
    distinct = np.unique(y)
    counted_up = y.dtype.kind in "iu" and np.array_equal(distinct, np.arange(len(distinct)))
    return counted_up and len(distinct) <= min(most_classes, len(y) / 2)


def _examples(source: Arrays, x: Array, y: Array, names: tuple[str, ...], training: int | None) -> Examples:
    place, tokens = Place(source.path, array="y"), token_count(x)
    if y.ndim == 1:
        if source.task == "classification" or (source.task == "auto" and _are_class_numbers(y)):
            y, classes = class_numbers(y, place)
            return Examples(x, y, class_task(len(classes)), len(classes), names, classes, training_rows=training, tokens=tokens)
        return Examples(x, y[:, np.newaxis], "regression", 1, names, training_rows=training, tokens=tokens)
    width = y.shape[1]
    switches = bool(np.all((y == 0) | (y == 1)))
    if source.task == "regression" or (source.task == "auto" and not switches):
        return Examples(x, y, "regression", width, names, training_rows=training, tokens=tokens)
    if not switches:
        raise DataError(place, "class numbers, or columns of 0 and 1", "other numbers", "declare the task as regression")
    if np.all(np.count_nonzero(y, axis=1) == 1):
        classes = tuple(str(index) for index in range(width))
        numbers = np.argmax(y, axis=1)
        check_classes(len(np.unique(numbers)), len(y), place)
        return Examples(x, numbers, class_task(width), width, names, classes, training_rows=training, tokens=tokens)
    labels = tuple(f"label {index}" for index in range(width))
    return Examples(x, y, "multilabel", width, names, labels, training_rows=training, tokens=tokens)
