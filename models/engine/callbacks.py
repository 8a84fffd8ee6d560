"""What Keras's callbacks lack for exported scripts. The class of this file goes, as it is, into them."""

import keras


class EndAfter(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends the training after so many steps, also inside an epoch."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.left = steps

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self.left -= 1
        if self.left == 0:
            self.model.stop_training = True
