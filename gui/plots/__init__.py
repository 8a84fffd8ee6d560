"""Live plots of a run. Imports matplotlib, so the window imports this only after its first paint.

What all plots share is here: `plot` with its `header`, `title` and `help`; `curve_plot` is for curves over steps, `maps` for one
picture. `axes` has what they draw with, `views` each plot with what it works out, and `docks` the places for them in the window.
"""
