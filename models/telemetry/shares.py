"""Shares as people read them."""

rounding = 1e-12
"""A sum of shares that misses 1 by so little is 1."""


def percent(share: float, decimals: int = 0) -> str:
    """`share`, from 0 to 1, in percent with so many decimals; none and all of it are said only where they are true."""
    least = 10.0**-decimals
    if 0 < share < least / 200:
        return f"< {least:g} %"
    if rounding < 1 - share <= least / 200:
        return f"> {100 - least:g} %"
    return f"{100 * share:.{decimals}f} %"
