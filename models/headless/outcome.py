"""How a command ends: an exit code, and one line where the input is bad."""

import sys

done = 0
bad_answer = 1
bad_input = 2


def refuse(sentence: str) -> int:
    """Say in one line what is wrong with the input. Returns the exit code for it."""
    line = " ".join(sentence.split())
    # A name from a file may hold signs that a terminal obeys: they could hide what is wrong, or change the terminal.
    print("".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in line), file=sys.stderr)
    return bad_input
