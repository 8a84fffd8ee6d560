"""The window: Qt and matplotlib live here and nowhere else."""

import builtins

import PySide6.QtCore  # noqa: F401

# WORKAROUND https://bugreports.qt.io/browse/PYSIDE-2029 PySide puts itself before every import, and reads and keeps the source of
# whatever module is imported from then on, to see whether the module might want PySide's features: 1.1 s and 150 MB for
# TensorFlow. Nobody here says ``from __feature__ import``.
builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
