"""What the window has to say about itself, as rich text: devices, keys, and what the program is."""

from gui.actions import Actions
from gui.messages import EngineReady

about_page = (
    "<b>Wiggle</b><p>Build a neural network by pointing, press Train, and see what happens inside it while it learns.</p>"
    "<p>“The non-linearity is where we get the wiggle.” — CS231n</p>"
)


def device_page(engine: EngineReady | None) -> str:
    """What trainings can run on; where there is no GPU, why, and what to do about it."""
    if engine is None:
        return "TensorFlow is still loading; the devices are known when it is there."
    rows = "".join(f"<li><b>{device.name}</b>: {device.title}{_memory_text(device.memory)}</li>" for device in engine.devices)
    page = f"<p>{engine.versions}</p><ul>{rows}</ul>"
    if engine.no_gpu:
        why, remedy = engine.no_gpu
        page += f"<p><b>No GPU.</b> {why}</p><p>{remedy}</p>"
    return page


def keys_page(actions: Actions) -> str:
    """What each key does."""
    keys = (("Set up layer", "Enter"), *actions.keys_table())
    rows = "".join(f"<tr><td>{name}</td><td>&nbsp;&nbsp;<b>{key}</b></td></tr>" for name, key in keys)
    return f"<table>{rows}</table>"


def _memory_text(memory: int | None) -> str:
    return "" if memory is None else f", {memory / 1e9:.1f} GB free"
