"""Models on disk: skops files, which load without running code, unlike a pickle.

skops writes the time of day, memory addresses and unused memory into its files. All are replaced
here, so that the same model gives the same bytes.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import skops.io

from retention.harness.errors import UserError
from retention.harness.files import write_bytes

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date that a zip file can hold

# Our estimators, and parts of scikit-learn's own that skops doesn't know by itself.
_TRUSTED = [
    "numpy.dtype",
    "retention.models.average.Average",
    "retention.models.blend.Blend",
    "retention.models.combinations.Combinations",
    "retention.models.mixture.MixtureAverage",
    "retention.models.mixture.MixtureClassifier",
    "scipy._lib.array_api_compat.numpy._aliases.asarray",
    "scipy.interpolate._bsplines.BSpline",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    "sklearn.gaussian_process.kernels.ConstantKernel",
    "sklearn.gaussian_process.kernels.Product",
    "sklearn.gaussian_process.kernels.RBF",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.metrics._dist_metrics.ManhattanDistance64",
    "sklearn.metrics._dist_metrics.MinkowskiDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
]


def save_model(path: Path, model: Any) -> None:
    """Write a fitted estimator, or a list of them."""
    write_bytes(path, _same_bytes(skops.io.dumps(model)))


def load_model(path: Path) -> Any:
    """Read what `save_model` wrote.

    Raises UserError when the file is missing, is no model, or names a class that isn't trusted.
    """
    if not path.exists():
        raise UserError(f"{path} is missing: run `dvc repro` to make it.")
    try:
        unknown = skops.io.get_untrusted_types(file=path)
    except zipfile.BadZipFile as error:
        raise UserError(f"{path} is no skops file: run `dvc repro` to make it anew.") from error
    untrusted = [name for name in unknown if name not in _TRUSTED]
    if untrusted:
        raise UserError(
            f"{path} holds {', '.join(untrusted)}, which is not trusted: add it to "
            "retention/models/storage.py if the model is your own."
        )
    return skops.io.load(path, trusted=_TRUSTED)


def _same_bytes(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    numbers: dict[str, str] = {}
    schema = _renumbered(json.loads(files.pop("schema.json")), numbers)
    # Arrays are files named after the address of the array.
    renamed = {
        f"{numbers[Path(name).stem]}{Path(name).suffix}": _without_padding(name, content)
        for name, content in files.items()
    }
    renamed["schema.json"] = json.dumps(schema).encode("ascii")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(renamed):
            entry = zipfile.ZipInfo(name, _EPOCH)
            archive.writestr(entry, renamed[name], zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _without_padding(name: str, content: bytes) -> bytes:
    """Set to zero what lies between the fields of a tree's nodes: memory that nobody wrote."""
    if not name.endswith(".npy"):
        return content
    array = np.load(io.BytesIO(content), allow_pickle=False)
    if array.dtype.names is None:
        return content
    clean = np.zeros(array.shape, array.dtype)
    for field in array.dtype.names:
        clean[field] = array[field]
    target = io.BytesIO()
    np.save(target, clean)
    return target.getvalue()


def _renumbered(node: Any, numbers: dict[str, str]) -> Any:
    """Replace memory addresses by 1, 2, … in the order in which they are met."""

    def number(address: str) -> str:
        return numbers.setdefault(address, str(len(numbers) + 1))

    match node:
        case dict():
            renumbered = {key: _renumbered(value, numbers) for key, value in node.items()}
            if isinstance(node.get("__id__"), int):
                renumbered["__id__"] = int(number(str(node["__id__"])))
            if isinstance(node.get("file"), str):
                path = Path(node["file"])
                renumbered["file"] = f"{number(path.stem)}{path.suffix}"
            return renumbered
        case list():
            return [_renumbered(value, numbers) for value in node]
        case _:
            return node
