"""The network as a stack of cards."""
