"""Where examples come from: declared here, produced by ``models.data``.

The Playground's sets follow TensorFlow Playground's source (``src/dataset.ts``, commit 02469bd).
"""

from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from models.experiment.base import Count, KnownShape, Variant, most_axes

Task = Literal["binary", "multiclass", "multilabel", "regression"]
"""What is asked of the network: one of two classes; one of several; any number of labels at once; real numbers."""

Scaling = Literal["none", "standard", "minmax"]
Feature = Literal["x", "y", "x^2", "y^2", "x*y", "sin(x)", "sin(y)"]

feature_titles: dict[Feature, str] = {
    "x": "x", "y": "y", "x^2": "x²", "y^2": "y²", "x*y": "x·y", "sin(x)": "sin x", "sin(y)": "sin y",
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What a source delivers, as far as a network has to know it."""

    input_shape: KnownShape
    """Shape of one example."""
    task: Task
    outputs: int
    """Number of classes (binary: 2), of labels (multilabel) or of targets (regression)."""
    training_samples: int
    validation_samples: int
    feature_names: tuple[str, ...] = ()
    """Names of the columns where an example is a row of numbers; otherwise empty."""
    class_names: tuple[str, ...] = ()
    """Names of the classes or labels, in the order of their numbers; empty for regression."""
    tokens: int | None = None
    """One more than the greatest number in the examples, before scaling, where all are whole and none is negative: what an
    Embedding can look up."""

    @property
    def input_size(self) -> int:
        """Numbers in one example."""
        return prod(self.input_shape)


TestShare = Annotated[float, Meta(ge=0, le=0.9, description="Share of the examples that is kept from training, for validation.")]
ScalingField = Annotated[
    Scaling,
    Meta(
        description="standard: mean 0 and deviation 1 per column; minmax: 0 to 1. Fitted on the training part only.",
    ),
]


class SourceKind(Variant):
    """A source of examples and how they are split into training and validation."""

    title: ClassVar[str] = ""

    test_share: TestShare = 0.2

    def facts(self) -> Facts | None:
        """What the source delivers, or none where a file has to be read to know."""
        return None

    def split_counts(self, samples: int) -> tuple[int, int]:
        """Training and validation counts: the first ⌊N·(1 − share)⌋ examples train, as in the Playground."""
        training = int(samples * (1 - self.test_share) + 1e-9)
        return training, samples - training


@lru_cache(maxsize=4)
def numbered(prefix: str, count: int) -> tuple[str, ...]:
    """Names of columns, classes or labels that have none of their own; kept, as a check asks anew for as many as a million."""
    return tuple(f"{prefix}{number}" for number in range(count))


Samples = Annotated[int, Meta(ge=10, le=1_000_000, description="Number of examples, training and validation together.")]
Noise = Annotated[float, Meta(ge=0, le=0.5, description="0 to 0.5, the Playground's slider divided by 100.")]
Features = Annotated[
    tuple[Feature, ...],
    Meta(
        min_length=1,
        max_length=7,
        description="What the network gets to see of a point.",
        extra_json_schema={"uniqueItems": True},
    ),
]


class Plane(SourceKind):
    """Points of the plane, as in TensorFlow Playground."""

    task: ClassVar[Task] = "binary"

    samples: Samples = 500
    noise: Noise = 0.0
    features: Features = ("x", "y")
    test_share: TestShare = 0.5

    def __post_init__(self) -> None:
        if len(set(self.features)) != len(self.features):
            raise ValueError("each feature at most once")

    def facts(self) -> Facts:
        training, validation = self.split_counts(self.samples)
        classes = ("−1", "+1") if self.task == "binary" else ()
        return Facts(
            (len(self.features),), self.task, 2 if self.task == "binary" else 1, training, validation, self.features, classes
        )


class Circle(Plane, tag="circle"):
    """A disc inside a ring. Noise moves labels near the border, not points."""

    title = "Circle"


class Xor(Plane, tag="xor"):
    """Four squares; opposite ones share a class."""

    title = "Exclusive or"


class Gauss(Plane, tag="gauss"):
    """Two clusters of normal points; noise widens them."""

    title = "Gaussian clusters"


class Spiral(Plane, tag="spiral"):
    """Two intertwined spirals: the hard one."""

    title = "Spiral"


class Moons(Plane, tag="moons"):
    """Two interleaved half circles (scikit-learn's make_moons); noise is the standard deviation added to each point."""

    title = "Two moons"


class PlaneRegression(Plane, tag="plane"):
    """Regression: the target rises along the diagonal."""

    title = "Plane"
    task = "regression"

    samples: Samples = 1200


class MultiGauss(Plane, tag="multi-gauss"):
    """Regression: six bumps of alternating sign."""

    title = "Six bumps"
    task = "regression"

    samples: Samples = 1200


class Curve(SourceKind):
    """A function of one number, to be fitted."""

    samples: Samples = 200
    noise: Annotated[float, Meta(ge=0, le=10, description="Standard deviation of the noise added to the target.")] = 0.1
    test_share: TestShare = 0.5

    def facts(self) -> Facts:
        training, validation = self.split_counts(self.samples)
        return Facts((1,), "regression", 1, training, validation, ("x",))


class Sine(Curve, tag="sine"):
    """y = sin(2π · frequency · x) for x in −1…1."""

    title = "Sine"

    frequency: Annotated[float, Meta(gt=0, le=20, description="Periods per unit of x.")] = 1.0


class Step(Curve, tag="step"):
    """y = 1 where x ≥ 0, otherwise −1, for x in −1…1."""

    title = "Step"


class Sinc(Curve, tag="sinc"):
    """y = sin(πfx) / (πfx) for x in −1…1, f being the frequency."""

    title = "Sinc"

    frequency: Annotated[float, Meta(gt=0, le=20, description="Half-waves per unit of x.")] = 4.0


class Polynomial(Curve, tag="polynomial"):
    """y = c₀ + c₁x + c₂x² + … for x in −1…1."""

    title = "Polynomial"

    coefficients: Annotated[
        tuple[float, ...], Meta(min_length=1, max_length=12, description="c₀, c₁, c₂, …: from the constant upwards.")
    ] = (0.0, -1.0, 0.0, 2.0)


class Sequences(SourceKind):
    """Made-up sequences in which little matters, far from the end: what recurrent layers were invented for.

    From S. Hochreiter and J. Schmidhuber, Long Short-Term Memory, Neural Computation 9 (1997).
    """

    samples: Samples = 2000
    length: Annotated[int, Meta(ge=20, le=1000, description="Steps of the shortest sequences; 100 in the paper.")] = 20
    spread: Annotated[
        float,
        Meta(ge=0, le=1, description="How much longer the longest sequences are; 0.1 in the paper. Shorter ones end with 0s."),
    ] = 0.1

    @property
    def longest(self) -> int:
        """Steps of the longest sequences, and so of all after padding."""
        return self.length + int(self.length * self.spread + 1e-9)


class AddingProblem(Sequences, tag="adding"):
    """Regression: of pairs of a number and a mark, the sum of the two numbers that are marked 1, as 0.5 + sum / 4.

    Numbers are uniform in −1…1. One of the first ten pairs is marked 1, and one more among the first half; the first and the last
    pair are marked −1, all others 0. A marked first pair counts as 0 (experiment 4 of the paper).
    """

    title = "Adding problem"

    def facts(self) -> Facts:
        training, validation = self.split_counts(self.samples)
        return Facts((self.longest, 2), "regression", 1, training, validation)


class TemporalOrder(Sequences, tag="temporal-order"):
    """In which order do two symbols, X or Y each, stand among others? One of four classes.

    A sequence begins with E and ends with B, the rest being a, b, c or d at random. The first of the two stands between a tenth
    and a fifth of the length, the second between five and six tenths (experiment 6a of the paper). A symbol is fed as its number;
    0 is padding.
    """

    title = "Temporal order"
    symbols: ClassVar[tuple[str, ...]] = ("", "E", "B", "a", "b", "c", "d", "X", "Y")
    """What each number stands for; 0 is padding."""
    class_names: ClassVar[tuple[str, ...]] = ("X X", "X Y", "Y X", "Y Y")

    def facts(self) -> Facts:
        training, validation = self.split_counts(self.samples)
        names = self.class_names
        return Facts((self.longest,), "multiclass", len(names), training, validation, (), names, len(self.symbols))


class Sample(SourceKind):
    """A data set that comes with scikit-learn."""

    shape: ClassVar[KnownShape] = ()
    task: ClassVar[Task] = "multiclass"
    size: ClassVar[int] = 0
    outputs: ClassVar[int] = 1
    class_names: ClassVar[tuple[str, ...]] = ()
    columns: ClassVar[tuple[str, ...]] = ()
    tokens: ClassVar[int | None] = None

    scaling: ScalingField = "standard"

    def facts(self) -> Facts:
        training, validation = self.split_counts(self.size)
        return Facts(self.shape, self.task, self.outputs, training, validation, self.columns, self.class_names, self.tokens)


class Digits(Sample, tag="digits"):
    """1797 handwritten digits of 8×8 pixels."""

    title = "Handwritten digits"
    size = 1797
    outputs = 10
    class_names = tuple("0123456789")
    tokens = 17

    layout: Annotated[
        Literal["numbers", "images"], Meta(description="numbers: 64 in a row; images: 8×8 pixels with one channel.")
    ] = "numbers"
    scaling: ScalingField = "minmax"

    def facts(self) -> Facts:
        training, validation = self.split_counts(self.size)
        shape = (64,) if self.layout == "numbers" else (8, 8, 1)
        return Facts(shape, self.task, self.outputs, training, validation, (), self.class_names, self.tokens)


class Iris(Sample, tag="iris"):
    """150 flowers of three kinds, four measurements each."""

    title = "Iris"
    size = 150
    outputs = 3
    shape = (4,)
    columns = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
    class_names = ("setosa", "versicolor", "virginica")


class Wine(Sample, tag="wine"):
    """178 wines of three growers, 13 chemical measurements each."""

    title = "Wine"
    size = 178
    outputs = 3
    shape = (13,)
    columns = (
        "alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids",
        "nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue", "od280/od315_of_diluted_wines", "proline",
    )  # fmt: skip
    class_names = ("class_0", "class_1", "class_2")


class BreastCancer(Sample, tag="breast-cancer"):
    """569 tumours, benign or malignant, 30 measurements each."""

    title = "Breast cancer"
    task = "binary"
    size = 569
    outputs = 2
    shape = (30,)
    columns = tuple(
        f"{prefix} {what}".strip() if prefix != "error" else f"{what} error"
        for prefix in ("mean", "error", "worst")
        for what in (
            "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry",
            "fractal dimension",
        )
    )  # fmt: skip
    class_names = ("malignant", "benign")


TargetScaling = Annotated[
    Literal["none", "standard"],
    Meta(description="standard: targets with mean 0 and deviation 1 on the training part; the loss is then in those units."),
]


class Diabetes(Sample, tag="diabetes"):
    """Regression: progress of the disease in 442 patients, ten measurements each."""

    title = "Diabetes"
    task = "regression"
    size = 442
    shape = (10,)
    columns = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")

    target_scaling: TargetScaling = "standard"


class Multilabel(SourceKind, tag="multilabel"):
    """Made-up examples that carry several labels at once (scikit-learn's make_multilabel_classification)."""

    title = "Several labels"

    samples: Samples = 1000
    columns: Annotated[int, Meta(ge=1, le=1000, description="Numbers in an example.")] = 20
    labels: Annotated[int, Meta(ge=2, le=100, description="Number of different labels.")] = 5
    labels_per_example: Annotated[int, Meta(ge=1, le=100, description="Labels of an example, on average.")] = 2
    scaling: ScalingField = "standard"

    def facts(self) -> Facts:
        training, validation = self.split_counts(self.samples)
        columns, names = numbered("x", self.columns), numbered("label ", self.labels)
        return Facts((self.columns,), "multilabel", self.labels, training, validation, columns, names)


class RandomNumbers(SourceKind, tag="random"):
    """Numbers that mean nothing, to build and try a network that came without data: there is nothing in them to be learned."""

    title = "Random numbers"

    samples: Samples = 200
    shape: Annotated[
        tuple[Count, ...],
        Meta(min_length=1, max_length=most_axes, description="Sizes of one example: height, width, channels of an image."),
    ] = (8,)
    symbols: Annotated[
        Count | None,
        Meta(
            description="How many symbols there are: examples are whole numbers from 0 to symbols − 1; none: normal numbers.",
            extra={"start": 1000},
        ),
    ] = None
    task: Annotated[Task, Meta(description="What is asked of the network.")] = "regression"
    outputs: Annotated[Count, Meta(description="Number of classes, labels or numbers to predict; a binary task has one.")] = 1

    def facts(self) -> Facts:
        training, validation = self.split_counts(self.samples)
        outputs = 2 if self.task == "binary" else self.outputs if self.task == "regression" else max(2, self.outputs)
        names = () if self.task == "regression" else numbered("label " if self.task == "multilabel" else "class ", outputs)
        columns = numbered("x", self.shape[0]) if len(self.shape) == 1 else ()
        return Facts(self.shape, self.task, outputs, training, validation, columns, names, self.symbols)


Path = Annotated[str, Meta(min_length=1, description="The file, relative to the experiment's own file where it lies beside it.")]
DeclaredTask = Annotated[
    Literal["auto", "classification", "regression"],
    Meta(description="auto: text or few whole numbers are classes, everything else is a number to predict."),
]


class Table(SourceKind, tag="csv"):
    """Rows of a text file, one column of which is to be predicted."""

    title = "Table (CSV)"

    path: Path
    target: Annotated[str, Meta(min_length=1, description="The column to predict.")]
    weight_column: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(description="A column that says how much each row counts in the loss; the network does not see it."),
    ] = None
    ignore: Annotated[tuple[str, ...], Meta(description="Columns that are left out, such as a running number.")] = ()
    task: DeclaredTask = "auto"
    delimiter: Annotated[
        Literal["auto", ",", ";", "\t", "|", " "], Meta(description="What stands between two values; auto: found in the file.")
    ] = "auto"
    decimal: Annotated[Literal["auto", ".", ","], Meta(description="Decimal mark; auto: found in the file.")] = "auto"
    header: Annotated[
        Literal["auto", "yes", "no"],
        Meta(description="Whether the first row holds names; without, columns are column_1, column_2, …"),
    ] = "auto"
    missing: Annotated[
        Literal["refuse", "drop_rows", "mean"],
        Meta(description="Empty cells: refuse the file, leave such rows out, or put the training part's mean in."),
    ] = "refuse"
    text: Annotated[
        Literal["refuse", "one_hot"],
        Meta(description="Text columns: refuse the file, or make one column of 0 and 1 for each word."),
    ] = "refuse"
    scaling: ScalingField = "standard"
    target_scaling: TargetScaling = "none"


class Arrays(SourceKind, tag="npz"):
    """Arrays x and y of a NumPy file (.npz), the first axis counting the examples.

    An array sample_weight beside them says how much each example counts in the loss.
    """

    title = "Arrays (NPZ)"

    path: Path
    task: DeclaredTask = "auto"
    scaling: ScalingField = "none"
    target_scaling: TargetScaling = "none"


Source = (
    Circle
    | Xor
    | Gauss
    | Spiral
    | Moons
    | PlaneRegression
    | MultiGauss
    | Sine
    | Step
    | Sinc
    | Polynomial
    | AddingProblem
    | TemporalOrder
    | Digits
    | Iris
    | Wine
    | BreastCancer
    | Diabetes
    | Multilabel
    | RandomNumbers
    | Table
    | Arrays
)

FileSource = Table | Arrays
