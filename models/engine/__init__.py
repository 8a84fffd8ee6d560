"""The only place that imports TensorFlow: builds networks, trains them, looks inside, saves them.

Importing this package is light. Each of its modules that needs TensorFlow imports it at its top, after what is set here.
"""

from models.engine.startup import set_environment

set_environment()
