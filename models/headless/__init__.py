"""The command line without a window: new, check, train, export. TensorFlow is imported only by the last two."""
