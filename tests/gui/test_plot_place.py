"""What stands where the plots will be, and what holds when they are there."""

from gui.plot_place import PlotPlace


def test_the_plots_are_painted_before_anybody_is_told(qtbot, monkeypatch):
    from gui.plots.axes.canvas import Canvas

    painted, told = [], []
    paint = Canvas.paintEvent
    monkeypatch.setattr(Canvas, "paintEvent", lambda canvas, event: (painted.append(canvas), paint(canvas, event)))
    place = PlotPlace()
    qtbot.addWidget(place)
    place.resize(800, 600)
    place.loaded.connect(lambda: told.append(len(set(painted))))
    with qtbot.waitExposed(place):
        place.show()
    place.load()
    qtbot.waitUntil(lambda: bool(told), timeout=30_000)
    assert told[0] >= 4
