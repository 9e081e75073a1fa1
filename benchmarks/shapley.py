"""How much faster our Shapley values come than shap's: `python -m benchmarks.shapley`.

The first of each family's outer models (models/nest), and of the blends (models/outer.skops),
explains customers that it left out against the same background, as large as in params.yaml: twenty
by ours, one by shap's KernelExplainer (which takes any model), both in one process; times are for
100 customers. `sum` is how far ours miss the log-odds, `differ` how far the two lie apart at most.
Without names of families, all in models/nest, and the blend.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import stages  # noqa: F401 - one thread for linear algebra, before numpy comes

import numpy as np
import pandas as pd
import shap

from retention.contract.columns import DECLINE
from retention.explanation.shapley import Task, explain, outer_tasks
from retention.harness import parallel
from retention.models.blend import Blend, decision
from retention.models.storage import load_model
from retention.harness.yaml12 import read_yaml

BLEND = "blend"
OURS, THEIRS = 20, 1  # customers


def by_kernel_explainer(task: Task) -> Any:
    """Return shap's values (customers, columns); customers are told by row numbers in a pool."""
    pool = pd.concat([task.background, task.rows], ignore_index=True)

    def score(sources: Any) -> Any:
        rows = sources.astype(int)
        return task.model.decision_function(
            pd.DataFrame(
                {name: pool[name].array.take(rows[:, k]) for k, name in enumerate(pool.columns)}
            )
        )

    numbers = np.tile(np.arange(len(pool))[:, None], (1, pool.shape[1]))
    known = len(task.background)
    explainer = shap.KernelExplainer(score, numbers[:known])
    return explainer.shap_values(numbers[known:], silent=True, l1_reg=False)


def main() -> None:
    """Time both, family by family."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("families", nargs="*", help="families of models/nest, or blend")
    families = parser.parse_args().families or [
        *sorted(path.stem for path in Path("models/nest").glob("*.skops")),
        BLEND,
    ]
    parallel.BACKEND = "sequential"
    params = read_yaml(Path("params.yaml"))
    background = params["explain"]["background"]
    settings = {"permutations": params["explain"]["permutations"], "seed": params["seed"]}
    customers = pd.read_parquet("data/customers.parquet")
    fold = pd.read_parquet("data/folds.parquet")["outer_1"].to_numpy()
    features = customers[[*params["features"]["numbers"], *params["features"]["categories"]]]
    decline = customers[DECLINE].to_numpy()
    unseen = fold == 0

    names = ("method", "shap s", "ours s", "ratio", "sum", "differ")
    print(f"{'family':16}", *(f"{name:>8}" for name in names))
    for family in families:
        if family == BLEND:
            model = load_model(Path("models/outer.skops"))[0]
        else:
            # A calibration of its own changes nothing but the unit.
            member = load_model(Path(f"models/nest/{family}.skops"))[0]
            score = decision(member, features[unseen])
            model = Blend({family: 1.0}, pull=0.0).fit_weights(score[None, :], decline[unseen])
            model.with_members({family: member})
        one_left_out = (~unseen).astype(np.int64)
        task, _ = outer_tasks([model] * 2, features, one_left_out, background=background)

        some, one = (Task(model, task.rows[:count], task.background) for count in (OURS, THEIRS))
        explain([one], **settings)  # compiles
        start = time.perf_counter()
        found = explain([some], **settings)
        middle = time.perf_counter()
        values = by_kernel_explainer(one)
        slow = (time.perf_counter() - middle) * 100 / THEIRS
        fast = (middle - start) * 100 / OURS
        log_odds = model.decision_function(some.rows)
        missing = np.abs(found.values.sum(axis=1) - log_odds).max()
        differ = np.abs(found.values[features.columns].to_numpy()[:THEIRS] - values).max()
        methods = {sampling.method for sampling in found.members.values()}
        method = methods.pop() if len(methods) == 1 else "both"
        print(
            f"{family:16} {method:>8} {slow:8.1f} {fast:8.2f} {slow / fast:8.0f} {missing:8.0e} "
            f"{differ:8.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
