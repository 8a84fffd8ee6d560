"""Numbers and counts as people read them."""

thin_space = "\u2009"


def grouped(number: float, decimals: int = 0) -> str:
    """`number`, rounded to a whole one or to so many `decimals`, with a thin space between thousands: ``12 544``."""
    return f"{number:,.{decimals}f}".replace(",", thin_space).replace("-", "−")


def counted(number: int, what: str) -> str:
    """``1 layer``, ``3 layers``, ``1 200 layers``."""
    return f"{grouped(number)} {what}" + ("" if number == 1 else "s")
