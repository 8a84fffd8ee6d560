"""Where plots stand in the window: in panels that can be moved, closed and opened again, of the kinds in `registry`."""
