import pytest

from models.engine import startup

startup.load()


@pytest.fixture
def events():
    """A list whose ``append`` is the mailbox."""
    return []
