"""Shares as people read them."""

rounding = 1e-12
"""A sum of shares that misses 1 by so little is 1."""


def percent(share: float, decimals: int = 0) -> str:
    """`share`, from 0 to 1, in percent with so many decimals; none and all of it are said only where they are true."""
    least, text = 10.0**-decimals, f"{100 * share:.{decimals}f}"
    if share > 0 and float(text) == 0:
        return f"< {least:g} %"
    if 1 - share > rounding and float(text) == 100:
        return f"> {100 - least:g} %"
    return f"{text} %"
