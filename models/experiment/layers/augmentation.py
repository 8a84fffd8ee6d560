"""Layers that change images at random in training, so that a network learns what does not matter; outside they do nothing.

A range such as ``factor`` holds the least and the greatest value, between which each image draws its own. Keras also takes a
single number, which stands for the range from minus it, or from 0, up to it.
"""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta
from msgspec.structs import replace

from models.experiment.base import Decay, Positive, Shape
from models.experiment.layers.base import Complaint, Family, refused
from models.experiment.layers.preprocessing import ImageLayer, Interpolation, ValueRange

FillMode = Annotated[
    Literal["constant", "nearest", "wrap", "reflect"],
    Meta(description="What is seen beyond the border: one value, the nearest pixel, the other side, or the image mirrored."),
]
FillValue = Annotated[float, Meta(description="What is seen beyond the border with fill_mode constant.")]
Signed = Annotated[float, Meta(ge=-1, le=1)]
Odd = Annotated[int, Meta(ge=1, le=99)]
Level = Annotated[int, Meta(ge=1, le=8)]
Zoom = Annotated[float, Meta(gt=-1, le=1)]
Strength = Annotated[tuple[Decay, Decay], Meta(description="From and to how much, 0 to 1.", extra={"start": (0.0, 0.2)})]
Chance = Annotated[tuple[Decay, Decay], Meta(description="From and to how likely an image is changed at all, 0 to 1.")]


class Augmentation(ImageLayer):
    """A layer that is active during training only."""

    family: ClassVar[Family] = "augmentation"


class RandomFlip(Augmentation, tag="RandomFlip"):
    """Turns images over, left to right or upside down."""

    mode: Annotated[Literal["horizontal", "vertical", "horizontal_and_vertical"], Meta(description="Which way to turn over.")] = (
        "horizontal_and_vertical"
    )


class RandomRotation(Augmentation, tag="RandomRotation"):
    """Rotates images."""

    factor: Annotated[
        tuple[Signed, Signed], Meta(description="From and to what share of a whole turn.", extra={"start": (-0.05, 0.05)})
    ]
    fill_mode: FillMode = "reflect"
    interpolation: Interpolation = "bilinear"
    fill_value: FillValue = 0.0


class RandomTranslation(Augmentation, tag="RandomTranslation"):
    """Moves images up, down and sideways."""

    height_factor: Annotated[
        tuple[Signed, Signed], Meta(description="From and to what share of the height.", extra={"start": (-0.1, 0.1)})
    ]
    width_factor: Annotated[
        tuple[Signed, Signed], Meta(description="From and to what share of the width.", extra={"start": (-0.1, 0.1)})
    ]
    fill_mode: FillMode = "reflect"
    interpolation: Interpolation = "bilinear"
    fill_value: FillValue = 0.0


class RandomZoom(Augmentation, tag="RandomZoom"):
    """Brings images nearer or farther away."""

    height_factor: Annotated[
        tuple[Zoom, Zoom],
        Meta(description="From and to how much: −0.2 is 20 % nearer, 0.2 farther.", extra={"start": (-0.2, 0.2)}),
    ]
    width_factor: Annotated[
        tuple[Zoom, Zoom] | None, Meta(description="The same across; none: as down.", extra={"start": (-0.2, 0.2)})
    ] = None
    fill_mode: FillMode = "reflect"
    interpolation: Interpolation = "bilinear"
    fill_value: FillValue = 0.0


class RandomShear(Augmentation, tag="RandomShear"):
    """Slants images."""

    x_factor: Annotated[tuple[Decay, Decay], Meta(description="From and to how much sideways, 0 to 1.")] = (0.0, 0.0)
    y_factor: Annotated[tuple[Decay, Decay], Meta(description="From and to how much up or down, 0 to 1.")] = (0.0, 0.0)
    interpolation: Interpolation = "bilinear"
    fill_mode: FillMode = "reflect"
    fill_value: FillValue = 0.0


class RandomPerspective(Augmentation, tag="RandomPerspective"):
    """Looks at images at an angle."""

    takes_batch_for_image = False

    factor: Chance = (0.0, 1.0)
    scale: Annotated[Decay, Meta(description="How far the corners move.")] = 1.0
    interpolation: Interpolation = "bilinear"
    fill_value: FillValue = 0.0

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        found = super().complaints(shape)
        if refused(found) or 1 not in shape[:2]:
            return found
        return (*found, Complaint("A line has no perspective: RandomPerspective needs 2 pixels or more each way."))


class RandomElasticTransform(Augmentation, tag="RandomElasticTransform"):
    """Warps images as if they were of rubber (Simard et al., 2003)."""

    takes_batch_for_image = False

    factor: Chance = (0.0, 1.0)
    scale: Annotated[tuple[Decay, Decay], Meta(description="From and to how much they are warped.")] = (0.0, 1.0)
    interpolation: Interpolation = "bilinear"
    fill_mode: FillMode = "reflect"
    fill_value: FillValue = 0.0
    value_range: ValueRange = (0.0, 255.0)


class RandomErasing(Augmentation, tag="RandomErasing"):
    """Covers a part of images, so that no single part decides (Zhong et al., 2017)."""

    takes_batch_for_image = False

    factor: Chance = (0.0, 1.0)
    scale: Annotated[tuple[Decay, Decay], Meta(description="From and to what share of height and width.")] = (
        0.02,
        0.33,
    )
    fill_value: Annotated[float | None, Meta(description="What to cover with; none: noise.", extra={"start": 0.0})] = None
    value_range: ValueRange = (0.0, 255.0)


class RandomBrightness(Augmentation, tag="RandomBrightness"):
    """Makes images brighter or darker."""

    factor: Annotated[
        tuple[Signed, Signed], Meta(description="From and to what share of the range of values.", extra={"start": (-0.2, 0.2)})
    ]
    value_range: ValueRange = (0.0, 255.0)


class RandomContrast(Augmentation, tag="RandomContrast"):
    """Changes the contrast of images."""

    factor: Strength
    value_range: ValueRange = (0.0, 255.0)


class RandomColorDegeneration(Augmentation, tag="RandomColorDegeneration"):
    """Takes colour out of images."""

    channels = (3,)

    factor: Strength
    value_range: ValueRange = (0.0, 255.0)


class RandomGrayscale(Augmentation, tag="RandomGrayscale"):
    """Turns images grey, with as many channels as before."""

    channels = (1, 3)

    factor: Annotated[Decay, Meta(description="How likely an image turns grey.")] = 0.5


class RandomHue(Augmentation, tag="RandomHue"):
    """Shifts the colours of images."""

    channels = (3,)
    passes_gradient = False

    factor: Strength
    value_range: ValueRange = (0.0, 255.0)

    @property
    def _needs_range(self) -> bool:
        return True


class RandomSaturation(Augmentation, tag="RandomSaturation"):
    """Makes colours stronger or weaker."""

    channels = (3,)
    passes_gradient = False

    factor: Annotated[
        tuple[Decay, Decay],
        Meta(description="From and to how strong: 0 grey, 0.5 as it is, 1 full.", extra={"start": (0.4, 0.6)}),
    ]
    value_range: ValueRange = (0.0, 255.0)


Jitter = Annotated[
    tuple[Decay, Decay] | None, Meta(description="From and to how much; none: not at all.", extra={"start": (0.0, 0.2)})
]


class RandomColorJitter(Augmentation, tag="RandomColorJitter"):
    """Changes brightness, contrast, saturation and hue of images, one after the other."""

    passes_gradient = False

    value_range: ValueRange = (0.0, 255.0)
    brightness_factor: Annotated[
        tuple[Signed, Signed] | None, Meta(description="From and to how much; none: not at all.", extra={"start": (-0.2, 0.2)})
    ] = None
    contrast_factor: Jitter = None
    saturation_factor: Jitter = None
    hue_factor: Jitter = None

    @property
    def _channels(self) -> tuple[int, ...]:
        return () if self.saturation_factor is None and self.hue_factor is None else (3,)

    @property
    def _needs_range(self) -> bool:
        return self.hue_factor is not None


class RandomSharpness(Augmentation, tag="RandomSharpness"):
    """Makes images sharper or more blurred."""

    factor: Strength
    value_range: ValueRange = (0.0, 255.0)


class RandomGaussianBlur(Augmentation, tag="RandomGaussianBlur"):
    """Blurs images."""

    factor: Chance = (0.0, 1.0)
    kernel_size: Annotated[tuple[Odd, Odd], Meta(description="Height and width of the blur, odd numbers.")] = (3, 3)
    sigma: Annotated[tuple[Decay, Decay], Meta(description="From and to what standard deviation, in pixels.")] = (0.0, 1.0)
    value_range: ValueRange = (0.0, 255.0)

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if all(size % 2 for size in self.kernel_size):
            return super().complaints(shape)
        odd = replace(self, kernel_size=tuple(size | 1 for size in self.kernel_size))
        return (Complaint("kernel_size must be odd, so that a pixel has a middle.", "kernel_size", label="Use odd", replace=odd),)


class RandomInvert(Augmentation, tag="RandomInvert"):
    """Turns images into their negatives."""

    factor: Chance = (0.0, 1.0)
    value_range: ValueRange = (0.0, 255.0)


class RandomPosterization(Augmentation, tag="RandomPosterization"):
    """Leaves fewer shades in images."""

    passes_gradient = False

    factor: Annotated[tuple[Level, Level], Meta(description="From and to how many bits stay.", extra={"start": (4, 8)})]
    value_range: ValueRange = (0.0, 255.0)


class Solarization(Augmentation, tag="Solarization"):
    """Inverts what is brighter than a threshold, as film does that gets too much light."""

    addition_factor: Annotated[tuple[Decay, Decay], Meta(description="From and to how much is added before.")] = (0.0, 0.0)
    threshold_factor: Annotated[tuple[Decay, Decay], Meta(description="From and to what share of the range.")] = (0.0, 0.0)
    value_range: ValueRange = (0.0, 255.0)


class RandAugment(Augmentation, tag="RandAugment"):
    """Some of many changes drawn at random for each batch (Cubuk et al., 2019)."""

    channels = (1, 3)

    value_range: ValueRange = (0.0, 255.0)
    num_ops: Annotated[int, Meta(ge=1, le=10, description="How many changes.")] = 2
    factor: Annotated[tuple[Decay, Decay], Meta(description="From and to how strong.")] = (0.0, 0.5)
    interpolation: Interpolation = "bilinear"

    @property
    def _needs_range(self) -> bool:
        return True


class AugMix(Augmentation, tag="AugMix"):
    """Mixes images with several chains of changes of themselves (Hendrycks et al., 2019)."""

    value_range: ValueRange = (0.0, 255.0)
    num_chains: Annotated[int, Meta(ge=1, le=10, description="Chains to mix.")] = 3
    chain_depth: Annotated[int, Meta(ge=1, le=10, description="Changes in a chain.")] = 3
    factor: Annotated[tuple[Decay, Decay], Meta(description="From and to how strong.")] = (0.0, 0.3)
    alpha: Annotated[Positive, Meta(description="How evenly the chains are mixed: greater is more even.")] = 1.0
    all_ops: Annotated[bool, Meta(description="Also change colours.")] = True
    interpolation: Interpolation = "bilinear"

    @property
    def _channels(self) -> tuple[int, ...]:
        return (1, 3) if self.all_ops else ()

    @property
    def _needs_range(self) -> bool:
        return True
