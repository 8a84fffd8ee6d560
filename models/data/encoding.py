"""Labels as the loss wants them."""

import numpy as np

from models.data.examples import Array
from models.data.prepared import Numbers
from models.experiment.encoding import Target


def encode(labels: Array, target: Target) -> Numbers:
    """`labels` of `models.data.examples.Examples` in the encoding of `target`, examples along the first axis."""
    if target.encoding == "index":
        return labels.astype(np.int32)
    if target.encoding in ("one_hot", "signed_one_hot"):
        values = labels[:, np.newaxis] == np.arange(target.units)
    elif target.encoding in ("zero_one", "signed"):
        values = labels[:, np.newaxis]
    else:
        values = labels
    encoded = np.array(values, np.float32, order="C")
    return 2 * encoded - 1 if target.encoding.startswith("signed") else encoded
