"""The curve of the learning rate over the steps of a run."""

import pytest

from gui.theme import apply_theme, dark, light
from gui.widgets.schedule_curve import Course, ScheduleCurve, course_of, points_of
from models.experiment.fields import kinds_in
from models.experiment.schedules import CosineDecay, ExponentialDecay, OneCycle, PiecewiseConstantDecay, Schedule, rate
from models.experiment.starter import default_experiment


@pytest.fixture
def curve(qtbot):
    curve = ScheduleCurve()
    qtbot.addWidget(curve)
    curve.resize(250, 92)
    return curve


@pytest.mark.parametrize("kind", kinds_in(Schedule), ids=lambda kind: kind.kind())
def test_every_point_is_what_the_schedule_says(kind):
    points = points_of(Course(kind(), 100, 0.02, 5000))
    assert [points[0][0], points[-1][0]] == [1, 5000]
    assert all(value == rate(kind(), 100, step - 1, 5000, 0.02) for step, value in points)


def test_every_step_of_a_short_run_is_a_point():
    assert [step for step, _ in points_of(Course(CosineDecay(), None, 0.1, 7))] == list(range(1, 8))
    assert points_of(Course(CosineDecay(), None, 0.1, 1)) == ((1, 0.1),)


def test_a_learning_rate_that_stays_has_no_curve(curve):
    assert course_of(default_experiment().training, 100) is None
    curve.set_course(None)
    assert curve.isHidden()


def test_the_axis_is_logarithmic_where_much_lies_over_two_decades_below(curve):
    for schedule, logarithmic in (
        (ExponentialDecay(decay_steps=100, decay_rate=0.5), True),
        (PiecewiseConstantDecay(boundaries=(400, 800), factors=(0.1, 0.001)), True),
        (PiecewiseConstantDecay(boundaries=(400, 800), factors=(0.1, 0.01)), False),
        (CosineDecay(), False),
        (OneCycle(), False),
    ):
        curve.set_course(Course(schedule, None, 0.1, 1000))
        assert curve.chart().y.logarithmic == logarithmic, schedule


def test_the_first_and_last_step_lie_at_the_ends_and_the_highest_rate_above_the_lowest(curve):
    curve.set_course(Course(ExponentialDecay(decay_steps=100, decay_rate=0.5), 50, 0.1, 1000))
    chart = curve.chart()
    points = [chart.place(*point) for point in points_of(curve.course)]
    assert chart.area.left() < points[0].x() < points[-1].x() < chart.area.right()
    heights = [point.y() for point in points]
    assert chart.area.top() < min(heights) < max(heights) < chart.area.bottom()
    assert points_of(curve.course)[heights.index(min(heights))][1] == pytest.approx(0.1, rel=0.1)


@pytest.mark.parametrize("theme", [light, dark], ids=lambda theme: theme.name)
def test_it_is_painted_in_the_colours_of_the_theme_with_the_present_step(qapp, curve, theme):
    apply_theme(qapp, theme)
    curve.set_course(Course(CosineDecay(), None, 0.1, 1000))
    assert theme.accent in colours(curve)
    assert theme.validation not in colours(curve)
    curve.set_step(400)
    assert theme.validation in colours(curve)
    curve.set_step(None)
    assert theme.validation not in colours(curve)


def test_a_step_beyond_the_run_is_not_marked(curve):
    curve.set_course(Course(CosineDecay(), None, 0.1, 100))
    curve.set_step(400)
    assert light.validation not in colours(curve)


def test_it_is_told_in_words(curve):
    curve.set_course(Course(CosineDecay(), 100, 0.01, 5000))
    words = curve.accessibleDescription()
    assert words.startswith("CosineDecay after a warm-up of 100 steps: 0 at step 1, 0.0")
    assert words.endswith("at step 5\u2009000.")
    assert curve.words_at(0) == "step 1: 0"
    assert curve.words_at(250).startswith("step 5\u2009000: ")


def test_a_run_of_unknown_length_has_a_sentence(curve):
    curve.set_course(Course(CosineDecay(), None, 0.01, 0))
    assert curve.sentence == "No curve: how many steps the run has is not known."
    assert curve.words_at(50) == ""
    curve.grab()


def colours(widget):
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
