"""The catalogue: one class for each layer a network can hold, by family, under Keras's names."""

from models.experiment.layers.activations import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
from models.experiment.layers.convolution import Conv1D, Conv2D
from models.experiment.layers.core import Dense, Maxout
from models.experiment.layers.normalization import BatchNormalization, LayerNormalization, Normalization
from models.experiment.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
)
from models.experiment.layers.recurrent import GRU, LSTM, SimpleRNN
from models.experiment.layers.regularization import AlphaDropout, Dropout, GaussianDropout, GaussianNoise
from models.experiment.layers.reshaping import Flatten, Rescaling, Reshape
from models.experiment.layers.sequence import Embedding, Masking

AnyLayer = (
    Dense
    | Maxout
    | Activation
    | ReLU
    | LeakyReLU
    | PReLU
    | ELU
    | Softmax
    | Dropout
    | GaussianNoise
    | GaussianDropout
    | AlphaDropout
    | BatchNormalization
    | LayerNormalization
    | Normalization
    | Conv1D
    | Conv2D
    | MaxPooling1D
    | MaxPooling2D
    | AveragePooling1D
    | AveragePooling2D
    | GlobalMaxPooling1D
    | GlobalMaxPooling2D
    | GlobalAveragePooling1D
    | GlobalAveragePooling2D
    | Embedding
    | Masking
    | SimpleRNN
    | LSTM
    | GRU
    | Flatten
    | Reshape
    | Rescaling
)
"""Every layer kind of the catalogue, in the order of the palette."""
