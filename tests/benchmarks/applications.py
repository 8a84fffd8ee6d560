"""Keras's own architectures, in and out: imported, built here, saved again, and compared on the same weights.

Usage: python tests/benchmarks/applications.py [NAME …]
"""

import importlib
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parents[2]))

import keras
import numpy as np

from models.engine.network import build
from models.experiment.errors import BadInput
from models.storage.files import load
from models.storage.keras_files.importing import imported, save_imported

sizes = {"InceptionV3": 96, "InceptionResNetV2": 96, "Xception": 96}
"""Pixels, where 64 are too few."""
own_layers = {
    "CustomScaleLayer": importlib.import_module("keras.src.applications.inception_resnet_v2").CustomScaleLayer,
    "LayerScale": importlib.import_module("keras.src.applications.convnext").LayerScale,
}
"""Classes that Keras does not offer by name, and needs to open its own files."""


def names() -> list[str]:
    """Every architecture of ``keras.applications``."""
    return sorted(name for name, made in vars(keras.applications).items() if name[0].isupper() and callable(made))


def original(name: str, scale: float = 0.1) -> keras.Model:
    """The architecture with random weights that let something come out of the deepest of them."""
    size = sizes.get(name, 64)
    model = getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), classes=10)
    random = np.random.default_rng(0)
    for weight in model.weights:
        if weight.path.endswith("variance"):
            weight.assign(random.uniform(0.5, 1.5, weight.shape))
        elif weight.path.rpartition("/")[2] in ("moving_mean", "beta", "bias", "mean"):
            weight.assign(random.normal(0, scale, weight.shape))
    return model


def round_trip(name: str, folder: Path) -> tuple[int, int, float, float]:
    """Layers, parameters, and how far outputs are from Keras's: as imported, and saved again and opened by Keras."""
    original(name).save(folder / "in.keras")
    model = keras.models.load_model(folder / "in.keras", custom_objects=own_layers)  # a Normalization takes new numbers over then
    size = model.input_shape[1]
    x = np.random.default_rng(1).uniform(0, 1, (4, size, size, 3)).astype(np.float32)
    expected = model.predict(x, verbose=0)
    with imported(folder / "in.keras") as found:
        counted = found.report.parameters.total
        save_imported(found, folder / "out.wiggle.json")
    assert counted == model.count_params(), (counted, model.count_params())
    experiment = load(folder / "out.wiggle.json")
    ours = build(experiment, experiment.data.facts())
    assert ours.count_params() == model.count_params()
    ours.save(folder / "out.keras")
    again = keras.models.load_model(folder / "out.keras")
    deviations = [float(np.abs(each.predict(x, verbose=0) - expected).max()) for each in (ours, again)]
    assert float(np.ptp(expected)) > 1e-3
    return len(experiment.network), counted, *deviations


def main() -> None:
    print(f"{'architecture':20} {'layers':>6} {'parameters':>12} {'imported':>10} {'and out':>10} {'s':>5}", flush=True)
    for name in sys.argv[1:] or names():
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            try:
                layers, parameters, imported_off, exported_off = round_trip(name, Path(folder))
            except BadInput as problem:
                print(f"{name:20} {str(problem).replace(folder, '')}", flush=True)
                continue
        seconds = time.perf_counter() - began
        print(f"{name:20} {layers:6} {parameters:12,} {imported_off:10.1e} {exported_off:10.1e} {seconds:5.0f}", flush=True)
        keras.backend.clear_session()


if __name__ == "__main__":
    main()
