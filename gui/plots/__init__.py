"""Live plots of a run. Imports matplotlib, so the window imports this only after its first paint.

`registry` lists the views, each a class in a ``…_plot`` file; `panels` and `panel` are where they stand in the window. What all
views share is `plot`, with `header`, `canvas`, `furniture` and `zooming`; `curve_plot` is for curves over steps, `maps` for one
picture, `data_pictures` for examples. The other files help to draw (`ticks`, `step_axis`, `names_axis`, `curves`, `dense`,
`tiles`) or work out what a view shows (`histograms`, `surface`, `judged`, `pieces`, `unit_graphs`, `ghosts`).
"""
