"""The catalogue to choose a layer or a block from."""
