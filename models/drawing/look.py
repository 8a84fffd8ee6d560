"""Colours and sizes that the picture has in every format."""

background = "#ffffff"
box_fill, box_edge = "#f6f8fa", "#c4ccd6"
line_colour = "#7a8699"
text_colours = ("#1f2733", "#1f6fc4", "#56606e")
"""Of a box's name, kind and figures."""
text_sizes = (14.0, 12.0, 11.5)
baselines = (20.0, 37.0, 53.0)
"""Of a box's lines of text, below its top."""
corner = 7.0
line_width = 1.5
arrow = 7.0
"""Length of an arrow's head; it is as wide as that."""
