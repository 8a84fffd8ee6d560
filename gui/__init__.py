"""The window: Qt and matplotlib live here and nowhere else."""
