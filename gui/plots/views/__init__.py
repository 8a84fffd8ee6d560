"""The views of a run, each a class in a ``…_plot`` file; the other files work out what they show, or draw a part of it."""
