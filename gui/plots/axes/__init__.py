"""What plots draw with: canvas, axes with ticks and names, curves, maps as tiles, colours, and zooming."""
