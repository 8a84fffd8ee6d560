"""Everything Wiggle knows about networks, data and training; nothing here imports Qt or matplotlib."""
