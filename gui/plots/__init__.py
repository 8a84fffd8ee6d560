"""Live plots of a run. Imports matplotlib, so the window imports this only after its first paint."""
