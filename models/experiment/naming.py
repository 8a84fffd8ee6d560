"""Names that Keras makes of classes."""

import re
from collections.abc import Iterable


def snake_case(name: str) -> str:
    """The name of a class as Keras writes it in layer names and weight files.

    Source: ``keras/src/utils/naming.py``, ``to_snake_case``.
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def counted_names(kinds: Iterable[str]) -> tuple[str, ...]:
    """What Keras calls parts of these classes in a file of weights: by the class, counted.

    Source: ``keras/src/saving/saving_lib.py``, ``_save_container_state``.
    """
    used: dict[str, int] = {}
    found = []
    for kind in kinds:
        base = snake_case(kind)
        number = used[base] = used.get(base, -1) + 1
        found.append(f"{base}_{number}" if number else base)
    return tuple(found)
