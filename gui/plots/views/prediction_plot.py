"""What the network makes of the examples that it is judged by: which it gets wrong, how wrong, and how sure it is."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import QWidget

from gui.plots.axes import ticks
from gui.plots.axes.curves import Floats
from gui.plots.axes.tiles import Box, Bytes, colour_bytes, coloured, laid_out, put, readable_on, strongest
from gui.plots.header import Entry
from gui.plots.help import Help
from gui.plots.maps import MapPlot, Words, range_of
from gui.plots.plot import Row
from gui.plots.views.judged import Cell, Integers, Judged
from gui.plots.views.surface import Meaning
from gui.theme import Theme
from models.data.prepared import Prepared
from models.experiment.data import Source
from models.telemetry.shares import percent
from models.telemetry.wanted import Looks, Predictions, Unseen, Wanted

if TYPE_CHECKING:
    from gui.messages import RunPrepared

most_pictures = 60
"""Worst examples that are shown as pictures."""
least_ruled = 6
"""Pixels of a cell of the matrix that has lines around it: of 200 classes nothing else would be seen."""
most_named = 30
"""Classes up to which names and counts are written beside and into the matrix."""
label_columns = ("found", "missed", "false alarm", "rightly not")
short_label_columns = ("TP", "FN", "FP", "TN")
lowest_summed = 18
"""Lines of text that a picture must be high for a summary beneath the matrix; the head and its tool tip have it, too."""
told_of_labels = (
    "have it and are found",
    "have it and are missed",
    "do not have it but are taken for it",
    "rightly do not have it",
)


class PredictionPlot(MapPlot):
    """Confusion matrix, worst examples, residuals, ROC and precision-recall of the validation examples.

    Of the training examples where there are no others. A click leads to the examples behind a cell, and to a single example.
    """

    title = "Predictions"
    help = Help(
        shows="What the network answers for the validation examples, or for the training examples where there are none; of "
        "very many an even selection, whose size stands in the head. The matrix counts how often each true class (row) is "
        "taken for each class (column): blue is right, orange is wrong, the stronger the larger its share of the row. The "
        "worst examples have the highest loss, weights of classes and examples aside. ROC and precision-recall show what "
        "every threshold would do; the dot is the usual one. Of numbers the residuals: prediction minus truth. Click a cell "
        "for its examples, and an example for all that is known of it; Neurons and Data then show that one, too.",
        good="A blue diagonal in a pale matrix; a ROC curve close to the upper left corner; residuals around 0 without a "
        "pattern.",
        bad="One orange cell stands out: two classes are confused, look at their examples. One column holds nearly all: the "
        "network always says the same. Residuals that bend or fan out: the network misses something. Worst examples whose "
        "labels are wrong: mend the data.",
    )
    empty_sentence = "Press Train to see what the network makes of each example"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.judged: Judged | None = None
        self.chosen: int | None = None
        """Number of the example that is shown alone."""
        self.cell: Cell | None = None
        """The cell of the matrix whose examples are shown; none for all."""
        self._data: Prepared | None = None
        self._source: tuple[Source, int] | None = None
        """Where the examples of the last run came from, and the seed of their split: the next may have the same."""
        self._meaning: Meaning | None = None
        self._matrix: Box | None = None
        self._places: list[tuple[Box, int]] = []
        """Where examples stand that can be clicked, and their places among those predicted."""
        self._even: Any = None
        self._line: Any = None
        self._dots: Any = None

    @property
    def wanted(self) -> Wanted:
        return Wanted(predictions=True)

    @property
    def is_empty(self) -> bool:
        return self.judged is None

    @property
    def is_graph(self) -> bool:
        return self.chosen is None and self.chosen_way in ("residuals", "roc", "precision")

    def start(self, run: "RunPrepared") -> None:
        super().start(run)
        kept = self.chosen, self.cell
        before, self._source = self._source, (run.experiment.data, run.experiment.seed)
        self._data = run.prepared
        self._meaning = Meaning.of(run.experiment, run.prepared)
        self.empty_sentence = "Predictions appear with the next look inside"
        worst = ("worst examples", "worst")
        if self._meaning.regression:
            self.offer([("residuals", "residuals"), worst])
        elif self._meaning.several_labels:
            self.offer([("labels", "matrix"), worst])
        else:
            curves = [("ROC", "roc"), ("precision-recall", "precision")] if run.prepared.facts.task == "binary" else []
            self.offer([("confusion", "matrix"), worst, *curves])
        self.chosen, self.cell = kept if before == self._source else (None, None)

    def clear(self) -> None:
        """Show nothing, as before the first run; the example that is looked at may be there in the next one, too."""
        self.judged = self.probe = self._data = self._meaning = None
        self.empty_sentence = PredictionPlot.empty_sentence
        self.header.set_subtitle("")
        self.header.set_legend([])
        super()._change_way()

    def found_in(self, looks: Looks | None) -> Predictions | Unseen | None:
        return looks.predictions if looks is not None else None

    def take(self, looks: Looks | None) -> bool:
        seen = self.found_in(looks)
        found = seen if isinstance(seen, Predictions) else None
        if found is (self.judged.predictions if self.judged else None):
            return False
        if found is None or self._meaning is None or self._data is None:
            self.judged = None
        else:
            self.judged = Judged(found, self._meaning, self._data)
        self._summarize()
        return True

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row for each predicted example: its number in the data, its loss, what is true, and what the network puts out."""
        judged = self.judged
        if judged is None:
            return (), ()
        true = judged.truth if judged.meaning.regression else judged.classes.reshape(len(judged.values), -1)
        names = [f"true {at}" for at in range(true.shape[1])] + [f"output {at}" for at in range(judged.values.shape[1])]
        found = judged.predictions
        rows = zip(judged.numbers_in_data.tolist(), found.losses.tolist(), true.tolist(), judged.values.tolist(), strict=True)
        return ("example", "loss", *names), ((number, loss, *right, *said) for number, loss, right, said in rows)

    # Pictures

    def paint(self, picture: Bytes) -> list[Words]:
        assert self.judged is not None
        self._places, self._matrix = [], None
        if self.chosen is not None and (place := self.judged.place(self.chosen)) is not None:
            return self._paint_example(self.judged, picture, place)
        return self._paint_worst(self.judged, picture) if self.chosen_way == "worst" else self._paint_matrix(self.judged, picture)

    def describe_place(self, x: float, y: float) -> str:
        if self.judged is None:
            return ""
        if self._matrix is not None:
            inside = self._matrix.holds(x, y)
            return _told_cell(self.judged, *self._matrix.cell(x, y, self.judged.counts.shape)) if inside else ""
        place = self._example_at(x, y) if self.chosen is None else self.judged.place(self.chosen)
        return "" if place is None else _told(self.judged, place)

    def press(self, x: float, y: float) -> None:
        assert self.judged is not None
        if self.chosen is not None:
            self.chosen = None
        elif self._matrix is not None and not self.is_graph:
            self._open_cell(self.judged, self._matrix, x, y)
        else:
            place = self._nearest(self.judged, x, y) if self.is_graph else self._example_at(x, y)
            if place is not None:
                self.chosen = self.judged.number(place)
                self.example_chosen.emit(self.chosen)
            elif not self.is_graph:
                self.cell = None
        self._hurry()

    def _open_cell(self, judged: Judged, matrix: Box, x: float, y: float) -> None:
        """Show the examples behind a cell of the matrix."""
        if matrix.holds(x, y) and not judged.meaning.several_labels:
            self.cell = matrix.cell(x, y, judged.counts.shape)
            self.way.setCurrentIndex(self.way.findData("worst"))

    def _change_way(self) -> None:
        self.chosen = None
        if self.chosen_way != "worst":
            self.cell = None
        self._summarize()
        super()._change_way()

    def _paint_matrix(self, judged: Judged, picture: Bytes) -> list[Words]:
        """Each cell in blue where it is right and in orange where it is wrong, as strong as its share of the row."""
        unit, room, counts, labels = self.lettering.height, self.room, judged.counts, judged.meaning.several_labels
        rows, columns = counts.shape
        named = range(rows if rows <= most_named else 0)
        names = [self.lettering.elided(judged.meaning.class_name(row), 14 * unit) for row in named]
        titled = 0 if labels else 1.7 * unit
        summed = 0 if room.height < lowest_summed * unit else 1.9 * unit
        left = round(titled + max(map(self.lettering.width, names), default=0.0) + (1.2 if names else 0) * unit)
        below = round((2.2 * unit if names else 0.4 * unit) + titled + summed)
        box = Box(room.left + left, room.top, max(1, room.width - left), max(1, room.height - below))
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        right = np.tile([True, False, False, True], (rows, 1)) if labels else np.eye(rows, dtype=bool)
        signed = np.where(right, shares, -shares)
        colours = coloured(signed, 1.0, self.theme)
        put(picture, box, coloured(strongest(signed, (box.height, box.width)), 1.0, self.theme))
        self._matrix = box
        self._rule(picture, box, rows, columns)
        words = self._name_cells(box, names, self._label_columns(box) if labels and names else names, shape=(rows, columns))
        bottom, muted = room.top + room.height, self.theme.muted
        if not labels:
            words.append(Words("true class", room.left + 0.5 * unit, box.top + box.height / 2, muted, upright=True))
            words.append(Words("predicted class", box.left + box.width / 2, bottom - summed - 0.7 * unit, muted))
        if summed:
            words.append(
                Words(self.lettering.fitting(self._summaries(judged), room.width), room.left, bottom - 0.5 * unit, muted, "left")
            )
        if names and box.width / columns > 2.4 * unit and box.height / rows > 1.5 * unit:
            middle = (box.left + box.width / (2 * columns), box.top + box.height / (2 * rows))
            words += [
                Words(
                    ticks.grouped(int(count)),
                    middle[0] + column * box.width / columns,
                    middle[1] + row * box.height / rows,
                    readable_on(colours[row, column]) if count else self.theme.muted,
                )
                for (row, column), count in np.ndenumerate(counts)
            ]
        return words

    def _label_columns(self, box: Box) -> Sequence[str]:
        """Heads of what is counted of labels, in short where the words have no room."""
        widest = box.width / len(label_columns) - 0.4 * self.lettering.height
        return label_columns if max(map(self.lettering.width, label_columns)) <= widest else short_label_columns

    def _name_cells(self, box: Box, rows: Sequence[str], columns: Sequence[str], shape: tuple[int, int]) -> list[Words]:
        """The names at the left of the matrix and beneath it."""
        unit, high, wide = self.lettering.height, box.height / shape[0], box.width / shape[1]
        colour, under = self.theme.text, box.top + box.height + 1.1 * unit
        beside = [
            Words(name, box.left - 0.8 * unit, box.top + (at + 0.5) * high, colour, "right") for at, name in enumerate(rows)
        ]
        heads = [self.lettering.elided(name, wide - 0.4 * unit) for name in columns]
        return beside + [Words(name, box.left + (at + 0.5) * wide, under, colour) for at, name in enumerate(heads)]

    def _rule(self, picture: Bytes, box: Box, rows: int, columns: int) -> None:
        """Lines around the matrix, and between its cells where these are large enough to be seen beside them."""
        line = colour_bytes(self.theme.border)[None, None]
        for row in range(0, rows + 1, 1 if box.height >= least_ruled * rows else rows):
            put(picture, Box(box.left, box.top + min(row * box.height // rows, box.height - 1), box.width, 1), line)
        for column in range(0, columns + 1, 1 if box.width >= least_ruled * columns else columns):
            put(picture, Box(box.left + min(column * box.width // columns, box.width - 1), box.top, 1, box.height), line)

    def _paint_worst(self, judged: Judged, picture: Bytes) -> list[Words]:
        """The examples with the highest loss, the highest first: as pictures where they are some, otherwise in lines."""
        theme, unit, room = self.theme, self.lettering.height, self.room
        order = judged.worst(self.cell)
        texts = *(f"Highest loss first: {each}" for each in self._summaries(judged)), "Highest loss first"
        if self.cell is not None:
            true, said = (judged.meaning.class_name(number) for number in self.cell)
            told = f"{true} taken for {said}: {ticks.grouped(len(order))}"
            texts = f"{told}. Click here for all examples.", f"{told}; click for all", told
        words = [Words(self.lettering.fitting(texts, room.width), room.left, room.top + unit, theme.muted, "left")]
        room = Box(room.left, room.top + round(2.4 * unit), room.width, max(1, room.height - round(2.4 * unit)))
        if not len(order):
            return [*words, Words("no such example", room.left + room.width / 2, room.top + room.height / 2, theme.muted)]
        lines = judged.picture(int(order[0])) is None
        return words + (self._write_lines(judged, order, room) if lines else self._paint_pictures(judged, picture, order, room))

    def _paint_pictures(self, judged: Judged, picture: Bytes, order: Integers, room: Box) -> list[Words]:
        unit, words = self.lettering.height, []
        fitting = max(1, int(room.width // (7 * unit))) * max(1, int(room.height // (9.5 * unit)))
        shown = order[: min(most_pictures, fitting)].tolist()
        boxes = laid_out(room, len(shown), 1.0, round(0.9 * unit), round(3.8 * unit))
        for place, box in zip(shown, boxes, strict=True):
            part = judged.picture(place)
            assert part is not None
            put(picture, box, part)
            self._places.append((box, place))
            middle, wide = box.left + box.width / 2, box.width + 0.8 * unit
            words.append(Words(self.lettering.elided(judged.verdict(place), wide), middle, box.top - 2.7 * unit, self.theme.text))
            loss = judged.loss(place)
            named = f"loss {loss}" if self.lettering.width(f"loss {loss}") <= wide else loss
            words.append(Words(named, middle, box.top - 1.0 * unit, self.theme.muted))
        return words

    def _write_lines(self, judged: Judged, order: Integers, room: Box) -> list[Words]:
        theme, unit = self.theme, self.lettering.height
        high = round(2.2 * unit)
        number = room.left + max(self.lettering.width("example"), self.lettering.width("00000"))
        loss = number + unit + self.lettering.width("0.0000")
        verdict = loss + 0.8 * unit
        wide = room.left + room.width - verdict
        heads: tuple[tuple[str, float, Any], ...] = (
            ("example", number, "right"),
            ("loss", loss, "right"),
            (self.lettering.elided("true → network", wide), verdict, "left"),
        )
        words = [Words(text, x, room.top + 0.5 * high, theme.muted, side) for text, x, side in heads]
        for line, place in enumerate(order[: max(1, room.height // high - 1)].tolist(), start=1):
            box = Box(room.left, room.top + line * high, room.width, high)
            self._places.append((box, place))
            y = box.top + 0.5 * high
            words.append(Words(str(judged.numbers_in_data[place]), number, y, theme.text, "right"))
            words.append(Words(judged.loss(place), loss, y, theme.text, "right"))
            told = judged.verdict(place)
            words.append(Words(self.lettering.fitting((told, told.replace(" → ", "→")), wide), verdict, y, theme.text, "left"))
        return words

    def _paint_example(self, judged: Judged, picture: Bytes, place: int) -> list[Words]:
        """One example alone: how it looks, or its features, and what the network says."""
        theme, unit, room = self.theme, self.lettering.height, self.room
        top, gap = round(2.6 * unit), round(1.2 * unit)
        told = f"example {judged.numbers_in_data[place]}, loss {judged.loss(place)}"
        words = [
            Words(told, room.left, room.top + unit, theme.text, "left"),
            Words("click for all", room.left + room.width, room.top + unit, theme.muted, "right"),
        ]
        below = Box(room.left, room.top + top, room.width, max(1, room.height - top))
        part = judged.picture(place)
        narrow = part is None and room.width < 40 * unit  # then features could not be read; the tool tip has them
        left = Box(below.left, below.top, 0 if narrow else round(0.42 * below.width), below.height)
        start = 0 if narrow else left.width + gap
        right = Box(below.left + start, below.top, max(1, below.width - start), below.height)
        if part is not None:
            (box,) = laid_out(left, 1, part.shape[1] / part.shape[0], 0)
            put(picture, Box(left.left, left.top, box.width, box.height), part)
        elif not narrow:
            words += self._write_column(judged.features(place), left)
        if judged.meaning.regression:
            pairs = zip(judged.truth[place].tolist(), judged.values[place].tolist(), strict=True)
            return words + self._write_column([f"true {ticks.short(a)}, network {ticks.short(b)}" for a, b in pairs], right)
        return words + self._paint_bars(judged, picture, place, right)

    def _write_column(self, lines: Sequence[str], box: Box) -> list[Words]:
        """As many of `lines` as there is room for."""
        high = 1.9 * self.lettering.height
        shown = lines[: max(1, int(box.height // high))]
        return [
            Words(self.lettering.elided(text, box.width), box.left, box.top + (line + 0.5) * high, self.theme.text, "left")
            for line, text in enumerate(shown)
        ]

    def _paint_bars(self, judged: Judged, picture: Bytes, place: int, box: Box) -> list[Words]:
        """For each class a bar as long as what the network gives it; the true ones are blue and ticked.

        Where not all have room, the true ones and those that get most.
        """
        theme, unit, words = self.theme, self.lettering.height, []
        scores, true = judged.scores(place), judged.has(place)
        finite = np.nan_to_num(scores)
        shown = np.sort(np.lexsort((-finite, ~true))[: max(1, int(box.height // (1.5 * unit)))])
        scores, finite, true = scores[shown], finite[shown], true[shown]
        names = [judged.meaning.class_name(at) + " ✓" * bool(right) for at, right in zip(shown.tolist(), true, strict=True)]
        high = min(2.2 * unit, box.height / max(len(scores), 1))
        wide = min(0.45 * box.width, max(map(self.lettering.width, names)) + unit)
        longest = max(box.width - wide - 6 * unit, 1.0)
        lengths = np.rint(longest * np.maximum(finite, 0) / max(1.0, float(finite.max()))).astype(int).tolist()
        for at, (name, length) in enumerate(zip(names, lengths, strict=True)):
            start, y = box.left + wide, box.top + (at + 0.5) * high
            colour = theme.accent if true[at] else theme.validation
            put(
                picture,
                Box(round(start), round(y - 0.3 * high), max(1, length), max(2, round(0.6 * high))),
                colour_bytes(colour)[None, None],
            )
            words.append(Words(self.lettering.elided(name, wide - unit), start - 0.6 * unit, y, theme.text, "right"))
            words.append(Words(ticks.short(float(scores[at])), start + length + 0.6 * unit, y, theme.text, "left"))
        return words

    def _example_at(self, x: float, y: float) -> int | None:
        return next((place for box, place in self._places if box.holds(x, y)), None)

    # Graphs

    def build_graph(self) -> None:
        theme = self.theme
        names = {"residuals": ("predicted", "predicted − true"), "roc": ("false positive rate", "true positive rate")}
        x, y = names.get(self.chosen_way, ("recall", "precision"))
        self.axes.set_xlabel(x)
        self.axes.set_ylabel(y)
        (self._even,) = self.axes.plot([], [], color=theme.strong_border, linewidth=1.0, linestyle="--", animated=True)
        if self.chosen_way == "residuals":
            self._dots = self.axes.scatter([], [], s=9, linewidths=0, color=theme.accent, alpha=0.6, animated=True)
        else:
            (self._line,) = self.axes.plot([], [], color=theme.accent, linewidth=2.0, animated=True)
            self._dots = self.axes.scatter([], [], s=40, linewidths=0, color=theme.validation, animated=True)

    def fill_graph(self) -> tuple[ticks.Range, ticks.Range]:
        assert self.judged is not None
        for artist in filter(None, (self._line, self._dots)):  # what stands at an edge is seen whole
            artist.set_clip_on(self.zoomed is not None)
        if self.chosen_way == "residuals":
            x, y = range_of(self.judged.values), range_of(self.judged.residuals, [0.0])
            self._even.set_data(x, (0, 0))
            self._dots.set_offsets(np.column_stack([self.judged.values.ravel(), self.judged.residuals.ravel()]))
            return x, y
        found = self.judged.thresholds
        across, up = self._curve(self.judged)
        share = found.positives / max(found.positives + found.negatives, 1)
        self._even.set_data((0, 1), (0, 1) if self.chosen_way == "roc" else (share, share))
        self._line.set_data(across, up)
        self._line.set_drawstyle("default" if self.chosen_way == "roc" else "steps-pre")
        at = max(int((found.thresholds > self.judged.threshold).sum()) - 1, 0)
        self._dots.set_offsets([[across[at], up[at]]])
        return (0.0, 1.0), (0.0, 1.0)

    def describe_graph(self, x: float, y: float) -> str:
        if self.judged is None:
            return ""
        if self.chosen_way == "residuals":
            place = self._nearest(self.judged, x, y)
            return "" if place is None else _told(self.judged, place)
        found = self.judged.thresholds
        across, up = self._curve(self.judged)
        at = int(np.nan_to_num(np.hypot(across - x, up - y), nan=np.inf).argmin())
        names = self.titles
        lines = [f"threshold {ticks.short(float(found.thresholds[at]))}" if at else "above every score"]
        lines += [f"{name} {ticks.short(float(value))}" for name, value in zip(names, (across[at], up[at]), strict=True)]
        lines.append(f"{found.true_positives[at]} of {found.positives} found, {found.false_positives[at]} false alarms")
        return "\n".join(lines)

    def _curve(self, judged: Judged) -> tuple[Floats, Floats]:
        found = judged.thresholds
        return (found.false_positive_rate, found.recall) if self.chosen_way == "roc" else (found.recall, found.precision)

    def _nearest(self, judged: Judged, x: float, y: float) -> int | None:
        """The example whose residual is nearest to a place of the graph; none where it is too far to be meant."""
        if self.chosen_way != "residuals":
            return None
        places = self.axes.transData.transform(np.column_stack([judged.values.ravel(), judged.residuals.ravel()]))
        distances = np.nan_to_num(np.hypot(*(places - self.axes.transData.transform((x, y))).T), nan=np.inf)
        nearest = int(distances.argmin())
        return nearest // judged.values.shape[1] if distances[nearest] < 2 * self.lettering.height else None

    def _summarize(self) -> None:
        """Say in the head how good the predictions are, and of how many examples."""
        if self.judged is not None:
            summary, figure = self._summaries(self.judged)[0], _figure(self.judged, self.chosen_way)
            words = () if self.is_graph else (summary, figure, _short_figure(self.judged))
            self.header.set_subtitle(*words or ("",))
            told = Entry(f"{figure} · {_counted(self.judged)} examples", self.theme.accent, short=figure)
            self.header.set_legend([told] if self.is_graph else [], summary)

    def _summaries(self, judged: Judged) -> tuple[str, ...]:
        """How good the predictions are, in ever fewer words."""
        figure, count = _figure(judged, self.chosen_way), _counted(judged)
        lost = f", {ticks.grouped(judged.not_finite)} not finite" if judged.not_finite else ""
        whole = f"{figure}, {count} {judged.predictions.part} examples{lost}"
        return whole, f"{figure}, {count} examples{lost}", f"{figure}{lost}", _short_figure(judged)


def _counted(judged: Judged) -> str:
    """How many examples are predicted, and of how many where that is a selection."""
    shown, every = len(judged.predictions.rows), judged.predictions.examples
    return ticks.grouped(shown) if shown == every else f"{ticks.grouped(shown)} of {ticks.grouped(every)}"


def _figure(judged: Judged, way: str) -> str:
    """The one number that says most."""
    if judged.meaning.regression:
        error, explained = judged.errors
        return f"RMSE {ticks.short(error)}" + (f", R² {explained:.3f}".replace("-", "−") if np.isfinite(explained) else "")
    if way not in ("roc", "precision"):
        return f"accuracy {judged.accuracy:.4f}"
    found = judged.thresholds
    if not found.positives or not found.negatives:
        return "one class only, so no curve"
    return f"area {found.area:.4f}" if way == "roc" else f"average precision {found.average_precision:.4f}"


def _short_figure(judged: Judged) -> str:
    """The same number where there is little room."""
    return f"RMSE {ticks.short(judged.errors[0])}" if judged.meaning.regression else f"acc {judged.accuracy:.3f}"


def _told(judged: Judged, place: int) -> str:
    lines = [f"example {judged.numbers_in_data[place]}: {judged.verdict(place)}", f"loss {judged.loss(place)}"]
    return "\n".join([*lines, *judged.features(place)[:8]])


def _told_cell(judged: Judged, row: int, column: int) -> str:
    count, total = int(judged.counts[row, column]), int(judged.counts[row].sum())
    name = judged.meaning.class_name(row)
    if judged.meaning.several_labels:
        return f"{name}: {ticks.grouped(count)} {told_of_labels[column]}"
    answer = f"{ticks.grouped(count)} of class {name} taken for {judged.meaning.class_name(column)}"
    return f"{answer}\n{percent(count / max(total, 1), 1)} of its {ticks.grouped(total)}"
