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
