"""What trainings can run on, and why there may be no GPU among it."""

from gui.messages import EngineReady


def device_page(engine: EngineReady | None) -> str:
    """The devices as rich text; where there is no GPU, why, and what to do about it."""
    if engine is None:
        return "TensorFlow is still loading; the devices are known when it is there."
    rows = "".join(f"<li><b>{device.name}</b>: {device.title}{_memory_text(device.memory)}</li>" for device in engine.devices)
    page = f"<p>{engine.versions}</p><ul>{rows}</ul>"
    if engine.no_gpu:
        why, remedy = engine.no_gpu
        page += f"<p><b>No GPU.</b> {why}</p><p>{remedy}</p>"
    return page


def _memory_text(memory: int | None) -> str:
    return "" if memory is None else f", {memory / 1e9:.1f} GB free"
