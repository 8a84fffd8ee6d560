"""Numbers as people type and read them."""

import math
import re

from models.experiment.fields import Real

_minus_sign = "−"


def parse_number(text: str) -> float:
    """The finite number in `text`: ``0.03``, ``3e-4``, ``−1``. Raises ``ValueError`` where there is none."""
    value = float(text.strip().replace(_minus_sign, "-"))
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


def number_text(value: float) -> str:
    """`value` in the fewest digits that give the same number again: ``1e-7``, ``0.1``, ``3``."""
    text = repr(float(value)).removesuffix(".0")
    return re.sub(r"e([+-])0*", lambda exponent: f"e{exponent[1].replace('+', '')}", text)


def short_text(value: float) -> str:
    """`value` to three digits, for reading only: below 0 with a real minus sign, and ``NaN`` or ``∞`` where it is no number."""
    text = re.sub(r"e([+-])0*", lambda exponent: f"e{exponent[1].replace('+', '')}", f"{value + 0.0:.3g}")
    return re.sub("^-", "−", text).replace("nan", "NaN").replace("inf", "∞")


def rounded(value: float, digits: int = 2) -> float:
    """`value` to this many significant digits."""
    return float(f"{value:.{digits - 1}e}")


def next_preferred(value: float, up: bool) -> float:
    """The next number of the series 1, 2, 5, 10, … above or below a positive `value`."""
    decade = math.floor(math.log10(value))
    series = [factor * 10.0**power for power in range(decade - 1, decade + 2) for factor in (1, 2, 5)]
    tolerance = 1e-9 * value
    if up:
        return rounded(next(number for number in series if number > value + tolerance))
    return rounded(next(number for number in reversed(series) if number < value - tolerance))


def stepped(value: float, steps: int, limits: Real) -> float:
    """`value` moved by `steps` handy steps, as far as `limits` allow: a fiftieth of a bounded range, else a tenth of its size."""
    span = limits.most - limits.least
    if math.isfinite(span):
        size = 10.0 ** math.floor(math.log10(span / 50)) * (2 if span / 50 >= 2 * 10 ** math.floor(math.log10(span / 50)) else 1)
    else:
        size = 10.0 ** (math.floor(math.log10(abs(value))) - 1) if value else 0.1
    digits = max(0, -math.floor(math.log10(size)))
    moved = round(value + steps * size, digits)
    for bound, is_open in ((limits.least, limits.open_least), (limits.most, limits.open_most)):
        if not limits.contains(moved) and not is_open and abs(moved - bound) < abs(steps) * size:
            moved = bound
    return moved if limits.contains(moved) else value
