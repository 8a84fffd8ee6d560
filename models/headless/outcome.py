"""How a command ends: an exit code, and one line where the input is bad."""

import sys

done = 0
bad_answer = 1
bad_input = 2


def refuse(sentence: str) -> int:
    """Say in one line what is wrong with the input. Returns the exit code for it."""
    print(" ".join(sentence.split()), file=sys.stderr)
    return bad_input
