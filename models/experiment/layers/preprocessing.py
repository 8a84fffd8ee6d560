"""Layers that prepare numbers, categories, sounds and images, and train nothing."""

import dataclasses
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

from msgspec import Meta
from msgspec.structs import replace

from models.experiment.base import Count, NonNegative, Pair, Positive, Shape
from models.experiment.layers.base import Complaint, Family, Layer, Weight, numbered, refused, shape_text, size_of, wrong_rank
from models.experiment.layers.reshaping import Flatten, wrong_space
from models.experiment.layers.windows import slide

Interpolation = Annotated[
    Literal["nearest", "bilinear"], Meta(description="nearest: the value of the nearest pixel; bilinear: something in between.")
]
ValueRange = Annotated[
    tuple[float, float], Meta(description="Least and greatest value of a pixel: 0, 255 for bytes, 0, 1 for scaled images.")
]


class Preparation(Layer):
    """A layer without weights that does the same in training and outside."""

    family = "preprocessing"


class Rescaling(Preparation, tag="Rescaling"):
    """Multiplies by a factor and adds an offset: x · scale + offset."""

    supports_masking = True
    pointwise = True

    scale: Annotated[float, Meta(description="Factor; 1/255 brings bytes to 0…1.", extra={"start": 1 / 255})]
    offset: Annotated[float, Meta(description="What is added after scaling.")] = 0.0


# --- categories


class CategoryEncoding(Preparation, tag="CategoryEncoding"):
    """Makes rows of zeros and ones out of the numbers of categories, which count from 0."""

    passes_gradient = False

    num_tokens: Annotated[
        Count, Meta(description="How many categories: numbers from 0 to num_tokens − 1 can come in.", extra={"start": 10})
    ]
    output_mode: Annotated[
        Literal["one_hot", "multi_hot", "count"],
        Meta(
            description="one_hot: a row for each number; multi_hot: one row, 1 for every category that occurs; count: how often."
        ),
    ] = "multi_hot"

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if self.output_mode == "one_hot" or len(shape) == 1:
            return ()
        if all(said in (None, made) for said, made in pairwise(shape)):
            return (_taken_together(self.output_mode),)
        # Source: ``keras/src/utils/numerical_utils.py``, ``encode_categorical_inputs``: what is summed over is axis 1.
        sentence = f"one row of numbers for {self.output_mode}: of others Keras makes another shape than it says"
        return (wrong_rank(self, shape, sentence, Flatten(name="flatten")),)

    def output(self, shape: Shape) -> Shape:
        return categories_shape(shape, self.output_mode, self.num_tokens)


class Discretization(Preparation, tag="Discretization"):
    """Sorts numbers into bins, whose bounds are given or taken from the training data."""

    passes_gradient = False

    bin_boundaries: Annotated[
        Annotated[tuple[float, ...], Meta(min_length=1, max_length=10_000)] | None,
        Meta(
            description="Bounds between the bins, in ascending order; none: taken from the training data.",
            extra={"start": (0.0,)},
        ),
    ]
    num_bins: Annotated[
        Annotated[int, Meta(ge=2, le=10_000)] | None,
        Meta(description="Bins of equally many training examples, where no bounds are given.", extra={"start": 10}),
    ] = None
    epsilon: Annotated[
        float, Meta(gt=0, le=0.5, description="How exactly the bounds are found in large data; smaller takes longer.")
    ] = 0.01
    output_mode: Annotated[
        Literal["int", "one_hot", "multi_hot", "count"],
        Meta(description="int: the number of the bin; one_hot: a row for each; multi_hot and count: one row for all together."),
    ] = "int"

    @property
    def adapts(self) -> bool:
        return self.bin_boundaries is None

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        bounds = self.bin_boundaries
        if (bounds is None) == (self.num_bins is None):
            sentence = "Give either bin_boundaries or num_bins."
            instead = replace(self, num_bins=None) if bounds else replace(self, num_bins=10)
            label = "Keep the bounds" if bounds else "Make 10 bins"
            return (Complaint(sentence, "num_bins", label=label, replace=instead),)
        if bounds is not None and list(bounds) != sorted(bounds):
            instead = replace(self, bin_boundaries=tuple(sorted(bounds)))
            return (Complaint("bin_boundaries must ascend.", "bin_boundaries", label="Sort them", replace=instead),)
        together = self.output_mode in ("multi_hot", "count") and len(shape) > 1
        return (_taken_together(self.output_mode),) if together else ()

    def output(self, shape: Shape) -> Shape:
        bins = self.num_bins or 0 if self.bin_boundaries is None else len(self.bin_boundaries) + 1
        if self.output_mode in ("multi_hot", "count"):
            return (*shape[1:], bins)
        return shape if self.output_mode == "int" else categories_shape(shape, self.output_mode, bins)


def categories_shape(shape: Shape, mode: str, depth: int) -> Shape:
    """What becomes of `shape` when categories are encoded: a row of `depth` for each number, or one for all of them."""
    if mode == "one_hot" and shape[-1] != 1:
        return (*shape, depth)
    return (*shape[:-1], depth)


def _taken_together(mode: str) -> Complaint:
    """What is to be known of examples with several axes, of which Keras makes rows along the first alone."""
    sentence = f"{mode} takes together what lies along the first axis only; behind Flatten it makes one row of an example."
    return Complaint(sentence, "output_mode", "warning", "Insert Flatten", insert=Flatten(name="flatten"))


# --- sounds

Window = Annotated[Literal["hann", "hamming"] | None, Meta(description="How a piece fades in and out; none: not at all.")]


class STFTSpectrogram(Preparation, tag="STFTSpectrogram"):
    """How strong each frequency is in each piece of a sound, by a convolution whose weights begin as a Fourier transform."""

    mode: Annotated[
        Literal["log", "magnitude", "psd", "real", "imag", "angle", "stft"],
        Meta(
            description="What to tell of each frequency: log of its strength, strength, power, a part, phase; stft: both parts."
        ),
    ] = "log"
    frame_length: Annotated[int, Meta(ge=2, le=1_000_000, description="Samples in a piece.")] = 256
    frame_step: Annotated[Count | None, Meta(description="Samples from one piece to the next; none: half a piece.")] = None
    fft_length: Annotated[
        Count | None, Meta(description="Samples to transform, a power of two; none: the first one from frame_length on.")
    ] = None
    window: Window = "hann"
    periodic: Annotated[bool, Meta(description="Let the window be one period of a wave.")] = False
    scaling: Annotated[
        Literal["density", "spectrum"] | None, Meta(description="density: power per frequency; spectrum: power; none: as it is.")
    ] = "density"
    padding: Annotated[Literal["valid", "same"], Meta(description="valid: only whole pieces; same: zeros around.")] = "valid"
    expand_dims: Annotated[bool, Meta(description="Keep the channels on an axis of their own, as for an image.")] = False

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) != 2:
            return (wrong_space(self, shape, 1),)
        if self.frame_step is not None and self.frame_step > self.frame_length:
            instead = replace(self, frame_step=None)
            return (Complaint("frame_step is greater than frame_length.", "frame_step", label="Use half", replace=instead),)
        if self.fft_length is not None and self.fft_length < self.frame_length:
            instead = replace(self, fft_length=None)
            sentence = "fft_length is less than frame_length."
            return (Complaint(sentence, "fft_length", label="Let it follow", replace=instead),)
        if shape[-1] is None:
            return (Complaint("STFTSpectrogram must know the number of channels."),)
        if self.padding == "valid" and shape[0] is not None and shape[0] < self.frame_length:
            sentence = f"A piece ({self.frame_length}) is longer than what comes in ({shape[0]})."
            return (Complaint(sentence, "frame_length", label="Pad with zeros", replace=replace(self, padding="same")),)
        return ()

    def output(self, shape: Shape) -> Shape:
        pieces = self._pieces(shape)
        numbers = self._frequencies * (2 if self.mode == "stft" else 1)
        return (*pieces, numbers, shape[1]) if self.expand_dims else (*pieces, numbers * size_of(shape[1:]))

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        return numbered(*((self.frame_length, 1, self._frequencies),) * self._kernels)

    def kept_numbers(self, shape: Shape) -> int:
        """The real and the imaginary parts beside what is made of them."""
        return size_of(self.output(shape)) * (1 + self._kernels)

    def multiply_adds(self, shape: Shape) -> int:
        """A convolution for each part: pieces · channels · frequencies · samples in a piece."""
        return size_of((*self._pieces(shape), shape[1])) * self._kernels * self.frame_length * self._frequencies

    def _pieces(self, shape: Shape) -> Shape:
        """How many pieces the sound is cut into."""
        return slide(shape[:1], (self.frame_length,), (self.frame_step or self.frame_length // 2,), self.padding)

    @property
    def _frequencies(self) -> int:
        return (self.fft_length or 2 ** (self.frame_length - 1).bit_length()) // 2 + 1

    @property
    def _kernels(self) -> int:
        return 1 if self.mode in ("real", "imag") else 2


class MelSpectrogram(Preparation, tag="MelSpectrogram"):
    """How strong a sound is in bands that an ear tells apart, piece by piece: bands × pieces."""

    fft_length: Annotated[int, Meta(ge=2, le=1_000_000, description="Samples to transform at a time.")] = 2048
    sequence_stride: Annotated[Count, Meta(description="Samples from one piece to the next.")] = 512
    sequence_length: Annotated[Count | None, Meta(description="Samples in a piece; none: fft_length.")] = None
    window: Window = "hann"
    sampling_rate: Annotated[Count, Meta(description="Samples in a second.")] = 16000
    num_mel_bins: Annotated[Count, Meta(description="Number of bands.")] = 128
    min_freq: Annotated[NonNegative, Meta(description="Where the lowest band begins.", extra={"unit": "Hz"})] = 20.0
    max_freq: Annotated[
        Positive | None, Meta(description="Where the highest band ends; none: half the sampling rate.", extra={"unit": "Hz"})
    ] = None
    power_to_db: Annotated[bool, Meta(description="Tell strength in decibels.")] = True
    top_db: Annotated[Positive, Meta(description="Decibels below the strongest at which to cut off.")] = 80.0
    mag_exp: Annotated[Positive, Meta(description="Exponent of the magnitude: 1 for energy, 2 for power.")] = 2.0
    min_power: Annotated[Positive, Meta(description="Least power to take the logarithm of.")] = 1e-10
    ref_power: Annotated[Positive, Meta(description="Power that counts as 0 decibels.")] = 1.0

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) != 1:
            return (wrong_rank(self, shape, "a sound of one channel (samples)", Flatten(name="flatten")),)
        if self.sequence_length is not None and self.sequence_length > self.fft_length:
            instead = replace(self, sequence_length=None)
            sentence = "sequence_length is greater than fft_length."
            return (Complaint(sentence, "sequence_length", label="Use fft_length", replace=instead),)
        found: tuple[Complaint, ...] = ()
        if self.min_freq >= (self.max_freq or self.sampling_rate / 2):
            found = (Complaint("min_freq is not below the highest frequency: no band holds anything.", "min_freq", "warning"),)
        if shape[0] is None:
            return found
        if shape[0] <= self.fft_length // 2:
            sentence = f"Half of fft_length ({self.fft_length}) does not fit into {shape[0]} samples."
            return (*found, Complaint(sentence, "fft_length"))
        if (shape[0] + 1) % self.sequence_stride == 0 or (self.fft_length % 2 and shape[0] % self.sequence_stride == 0):
            sentence = f"Keras makes one piece less than it says of {shape[0]} samples with this sequence_stride."
            return (*found, Complaint(sentence, "sequence_stride"))
        return found

    def output(self, shape: Shape) -> Shape:
        return (self.num_mel_bins, shape[0] and 1 + shape[0] // self.sequence_stride)


# --- images


class ImageLayer(Layer):
    """A layer for images: height × width × channels."""

    family: ClassVar[Family] = "preprocessing"
    channels: ClassVar[tuple[int, ...]] = ()
    """How many channels the layer works on; empty: any number."""
    takes_batch_for_image: ClassVar[bool] = True
    """Whether Keras takes examples of two axes, too: a batch of them for one image, of which each is a row."""

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        found = (*self._space_complaints(shape), *self._range_complaints())
        if not refused(found) and self._channels and shape[-1] not in self._channels:
            wanted = " or ".join(map(str, self._channels))
            sentence = f"{self.kind()} needs images of {wanted} channels; what comes in is {shape_text(shape)}."
            return (*found, Complaint(sentence))
        return found

    def _space_complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) == 3:
            return ()
        wrong = wrong_space(self, shape, 2)
        if len(shape) != 2 or not self.takes_batch_for_image:
            return (wrong,)
        sentence = f"{wrong.sentence} Keras takes each example for a row of one image, which all of a batch make."
        return (dataclasses.replace(wrong, sentence=sentence, severity="warning"),)

    def _range_complaints(self) -> tuple[Complaint, ...]:
        low, high = getattr(self, "value_range", (0, 1))
        if low < high:
            return ()
        sentence = f"value_range begins at {low:g}, which is not below its end, {high:g}."
        return (Complaint(sentence, "value_range", "error" if low == high and self._needs_range else "warning"),)

    @property
    def _needs_range(self) -> bool:
        """Whether nothing can be computed with a range of one value."""
        return False

    @property
    def _channels(self) -> tuple[int, ...]:
        return self.channels


class Resizing(ImageLayer, tag="Resizing"):
    """Images of another size, whatever the size that comes in."""

    takes_batch_for_image = False

    height: Annotated[Count, Meta(description="Height to put out.", extra={"start": 32})]
    width: Annotated[Count, Meta(description="Width to put out.", extra={"start": 32})]
    interpolation: Annotated[
        Literal["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area"],
        Meta(description="nearest: the nearest pixel; area: a mean; the others: something in between, ever smoother."),
    ] = "bilinear"
    crop_to_aspect_ratio: Annotated[bool, Meta(description="Cut off what is too long instead of distorting the image.")] = False
    pad_to_aspect_ratio: Annotated[bool, Meta(description="Fill up what is too short instead of distorting the image.")] = False
    fill_mode: Annotated[Literal["constant"], Meta(description="How to fill up.")] = "constant"
    fill_value: Annotated[float, Meta(description="What to fill up with.")] = 0.0
    antialias: Annotated[bool, Meta(description="Smooth an image that is made smaller.")] = False

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        found = super().complaints(shape)
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            instead = replace(self, pad_to_aspect_ratio=False)
            sentence = "An image is either cropped or padded to the aspect ratio."
            return (*found, Complaint(sentence, "pad_to_aspect_ratio", label="Crop", replace=instead))
        return found

    def output(self, shape: Shape) -> Shape:
        return (self.height, self.width, shape[-1])


class CenterCrop(ImageLayer, tag="CenterCrop"):
    """The middle of an image; one that is smaller is enlarged first."""

    takes_batch_for_image = False

    height: Annotated[Count, Meta(description="Height to put out.", extra={"start": 24})]
    width: Annotated[Count, Meta(description="Width to put out.", extra={"start": 24})]

    def output(self, shape: Shape) -> Shape:
        return (self.height, self.width, shape[-1])


class AutoContrast(ImageLayer, tag="AutoContrast"):
    """Stretches the values of each image over the whole range, channel by channel."""

    value_range: ValueRange = (0.0, 255.0)


class ContrastLimitedAdaptiveHistogramEqualization(ImageLayer, tag="ContrastLimitedAdaptiveHistogramEqualization"):
    """Evens out bright and dark within the parts of an image, up to a limit: CLAHE (Zuiderveld, 1994)."""

    passes_gradient = False
    takes_batch_for_image = False

    value_range: ValueRange = (0.0, 255.0)
    clip_limit: Annotated[NonNegative, Meta(description="How much contrast may grow; 0: without limit.")] = 4.0
    tile_grid_size: Annotated[Pair, Meta(description="Parts down and across.")] = (8, 8)

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        found = super().complaints(shape)
        # Keras mirrors the image at its edge until the parts fit in, and has no more of it than there is.
        sizes = zip(shape, self.tile_grid_size, strict=False)
        if refused(found) or all(size is None or -size % parts <= size for size, parts in sizes):
            return found
        sentence = f"{shape_text(shape)} is too small for {shape_text(self.tile_grid_size)} parts."
        return (*found, Complaint(sentence, "tile_grid_size"))
