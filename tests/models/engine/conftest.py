import pytest

from models.engine import startup

startup.load()

import tensorflow as tf  # noqa: E402


@pytest.fixture
def as_written():
    """TensorFlow computes graphs as they were written: its graph optimizer can add up otherwise than it does in ``fit``.

    It also takes a quarter of a short run. test_exactness.py, test_session.py and all above the engine run with it.
    """
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    yield
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})


@pytest.fixture
def events():
    """A list whose ``append`` is the mailbox."""
    return []
