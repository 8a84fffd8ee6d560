"""The catalogue: one class for each layer a network can hold, by family, under Keras's names."""

from models.experiment.layers.activations import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
from models.experiment.layers.around import RNN, Bidirectional, SpectralNormalization, TimeDistributed
from models.experiment.layers.attention import AdditiveAttention, Attention, GroupQueryAttention, MultiHeadAttention
from models.experiment.layers.augmentation import (
    AugMix,
    RandAugment,
    RandomBrightness,
    RandomColorDegeneration,
    RandomColorJitter,
    RandomContrast,
    RandomElasticTransform,
    RandomErasing,
    RandomFlip,
    RandomGaussianBlur,
    RandomGrayscale,
    RandomHue,
    RandomInvert,
    RandomPerspective,
    RandomPosterization,
    RandomRotation,
    RandomSaturation,
    RandomSharpness,
    RandomShear,
    RandomTranslation,
    RandomZoom,
    Solarization,
)
from models.experiment.layers.convolution import (
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Conv3DTranspose,
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
)
from models.experiment.layers.core import Dense, Identity, Maxout
from models.experiment.layers.einsum import EinsumDense
from models.experiment.layers.merging import Add, Average, Concatenate, Dot, Maximum, Minimum, Multiply, Subtract
from models.experiment.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    Normalization,
    RMSNormalization,
    UnitNormalization,
)
from models.experiment.layers.pooling import (
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from models.experiment.layers.preprocessing import (
    AutoContrast,
    CategoryEncoding,
    CenterCrop,
    ContrastLimitedAdaptiveHistogramEqualization,
    Discretization,
    MelSpectrogram,
    Rescaling,
    Resizing,
    STFTSpectrogram,
)
from models.experiment.layers.recurrent import GRU, LSTM, SimpleRNN
from models.experiment.layers.recurrent_windows import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from models.experiment.layers.regularization import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from models.experiment.layers.reshaping import (
    Cropping1D,
    Cropping2D,
    Cropping3D,
    Flatten,
    Permute,
    RepeatVector,
    Reshape,
    UpSampling1D,
    UpSampling2D,
    UpSampling3D,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)
from models.experiment.layers.sequence import Embedding, Masking, ReversibleEmbedding

AnyLayer = (
    Dense
    | Maxout
    | Identity
    | EinsumDense
    | Activation
    | ReLU
    | LeakyReLU
    | PReLU
    | ELU
    | Softmax
    | Dropout
    | SpatialDropout1D
    | SpatialDropout2D
    | SpatialDropout3D
    | GaussianNoise
    | GaussianDropout
    | AlphaDropout
    | ActivityRegularization
    | BatchNormalization
    | LayerNormalization
    | GroupNormalization
    | RMSNormalization
    | UnitNormalization
    | SpectralNormalization
    | Normalization
    | Conv1D
    | Conv2D
    | Conv3D
    | DepthwiseConv1D
    | DepthwiseConv2D
    | SeparableConv1D
    | SeparableConv2D
    | Conv1DTranspose
    | Conv2DTranspose
    | Conv3DTranspose
    | MaxPooling1D
    | MaxPooling2D
    | MaxPooling3D
    | AveragePooling1D
    | AveragePooling2D
    | AveragePooling3D
    | GlobalMaxPooling1D
    | GlobalMaxPooling2D
    | GlobalMaxPooling3D
    | GlobalAveragePooling1D
    | GlobalAveragePooling2D
    | GlobalAveragePooling3D
    | AdaptiveMaxPooling1D
    | AdaptiveMaxPooling2D
    | AdaptiveMaxPooling3D
    | AdaptiveAveragePooling1D
    | AdaptiveAveragePooling2D
    | AdaptiveAveragePooling3D
    | Embedding
    | ReversibleEmbedding
    | Masking
    | SimpleRNN
    | LSTM
    | GRU
    | Bidirectional
    | TimeDistributed
    | ConvLSTM1D
    | ConvLSTM2D
    | ConvLSTM3D
    | RNN
    | Attention
    | AdditiveAttention
    | MultiHeadAttention
    | GroupQueryAttention
    | Flatten
    | Reshape
    | Permute
    | RepeatVector
    | ZeroPadding1D
    | ZeroPadding2D
    | ZeroPadding3D
    | Cropping1D
    | Cropping2D
    | Cropping3D
    | UpSampling1D
    | UpSampling2D
    | UpSampling3D
    | Add
    | Subtract
    | Multiply
    | Average
    | Maximum
    | Minimum
    | Concatenate
    | Dot
    | Rescaling
    | Resizing
    | CenterCrop
    | AutoContrast
    | ContrastLimitedAdaptiveHistogramEqualization
    | CategoryEncoding
    | Discretization
    | STFTSpectrogram
    | MelSpectrogram
    | RandomFlip
    | RandomRotation
    | RandomTranslation
    | RandomZoom
    | RandomShear
    | RandomPerspective
    | RandomElasticTransform
    | RandomErasing
    | RandomBrightness
    | RandomContrast
    | RandomSharpness
    | RandomGaussianBlur
    | RandomColorJitter
    | RandomHue
    | RandomSaturation
    | RandomColorDegeneration
    | RandomGrayscale
    | RandomInvert
    | RandomPosterization
    | Solarization
    | RandAugment
    | AugMix
)
"""Every layer kind of the catalogue, in the order of the palette."""
