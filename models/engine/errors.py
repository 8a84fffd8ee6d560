"""What the engine refuses, each in one sentence for a person."""


class EngineError(Exception):
    """The engine cannot do what was asked; the message says what was found and what to do."""

    @property
    def sentence(self) -> str:
        """The message."""
        return str(self)


class DeviceError(EngineError):
    """A device was asked for that is not there."""


class NotEnoughMemory(EngineError):
    """A training would need more memory than the device has free."""


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether there was no memory for what failed so: Python's, or the device's, which TensorFlow calls ``ResourceExhausted``."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def first_line(error: BaseException) -> str:
    """What `error` says first, without a full stop at the end; its kind where it says nothing.

    Keras says first in which layer it was raised, and then what is wrong, between signs for bold letters.
    """
    lines = str(error).replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    told = [line.strip() for line in lines if line.strip() and not line.startswith("Exception encountered when calling")]
    return (told or [type(error).__name__])[0].rstrip(". ")
