"""Looks that may fail: then whoever waits for one is told why, and the run goes on."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from models.engine.errors import EngineError, first_line, ran_out_of_memory
from models.engine.giving_up import Unwanted
from models.telemetry.wanted import Unseen

Asked = ParamSpec("Asked")
Seen = TypeVar("Seen")


def seen_or_why(what: str, look: Callable[Asked, Seen], *args: Asked.args, **options: Asked.kwargs) -> Seen | Unseen:
    """What a `look` sees; where it fails, why `what` cannot be shown."""
    try:
        return look(*args, **options)
    except Unwanted:
        raise
    except Exception as error:
        return why_unseen(what, error)


def why_unseen(what: str, error: Exception) -> Unseen:
    """Why `what`, such as “The units of dense”, cannot be shown, and what to do, for a person."""
    if ran_out_of_memory(error):
        return Unseen(f"{what} cannot be shown: there is no memory left for that. Close other panels, or use a smaller network.")
    if isinstance(error, EngineError):
        return Unseen(f"{what} cannot be shown: {error}")
    return Unseen(f"{what} cannot be shown: {first_line(error)}. Training is not touched by that. Try another layer or step.")
