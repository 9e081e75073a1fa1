"""What the whole procedure is worth: search, choice and calibration inside each outer fold.

A cross-validated score that also picked the model is a little too good. Here the outer fold is not
seen by anything: the families' grids are searched, a family or the blend is chosen and calibrated
on inner folds of the remaining customers alone (nested cross-validation, Varma & Simon 2006,
https://doi.org/10.1186/1471-2105-7-91).
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from tqdm import tqdm

from retention.evaluation.calibration import expected_calibration_error
from retention.evaluation.figures import figures
from retention.families import Candidate
from retention.folds import splits
from retention.models.blend import Blend, unseen_scores
from retention.models.preprocessing import Columns
from retention.selection.choice import BLEND, best_family, blend_roc_auc, choose
from retention.selection.pipeline import build
from retention.selection.search import search
from retention.statistics.paired import corrected_difference
from retention.statistics.ranking import roc_auc
from retention.statistics.significance import holm

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

GROUPED, RANDOM = "grouped", "random"
PROCEDURE = "procedure"


@dataclass(frozen=True)
class Setting:
    """All that the procedure needs besides the customers."""

    grids: Mapping[str, list[Candidate]]
    columns: Columns
    rule: str
    members: Sequence[str]  # of the blend; fewer than two: no blend
    simplest_first: Sequence[str]
    folds: int
    seed: int


@dataclass(frozen=True)
class Found:
    """What the procedure found in the customers that it was given."""

    choice: str
    best_family: str  # by the mean ROC-AUC, of the families alone
    models: dict[str, Blend]  # each family's best candidate and the blend, calibrated and fitted


def draw_folds(
    decline: Integers, groups: NDArray[np.intp] | None, folds: int, seed: int
) -> Integers:
    """Return the fold of each row, stratified, shape (n,); groups, if given, are kept whole."""
    fold = np.full(len(decline), -1)
    splitter = (
        StratifiedKFold(folds, shuffle=True, random_state=seed)
        if groups is None
        else StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    )
    for number, (_, test) in enumerate(splitter.split(decline, decline, groups)):
        fold[test] = number
    return fold


def run_procedure(
    features: pd.DataFrame, decline: Integers, fold: Integers, setting: Setting
) -> Found:
    """Search, choose and calibrate on these rows, with inner folds `fold` (n,)."""
    pipelines, unseen, scores = {}, {}, {}
    for family, candidates in setting.grids.items():
        found = search(
            family,
            candidates,
            features,
            decline,
            splits(fold),
            columns=setting.columns,
            seed=setting.seed,
            processes=1,
        )
        scores[family] = found.roc_auc[found.best]
        pipelines[family] = build(
            family, candidates[found.best], columns=setting.columns, seed=setting.seed
        )
        unseen[family] = unseen_scores(pipelines[family], features, decline, fold)
    models = {
        name: Blend({name: pipeline}).fit_weights(unseen[name][None, :], decline)
        for name, pipeline in pipelines.items()
    }
    if len(setting.members) > 1:
        stacked = np.stack([unseen[name] for name in setting.members])
        scores[BLEND] = blend_roc_auc([stacked], decline, [fold])
        blend = Blend({name: pipelines[name] for name in setting.members})
        models[BLEND] = blend.fit_weights(stacked, decline)
    fitted = {name: model.fit_members(features, decline) for name, model in models.items()}
    choice = choose(
        scores, setting.rule, folds=setting.folds, simplest_first=setting.simplest_first
    )
    return Found(choice, best_family(scores), fitted)


def assess(
    features: pd.DataFrame,
    decline: Integers,
    groups: NDArray[np.intp],
    setting: Setting,
    *,
    repeats: int,
) -> pd.DataFrame:
    """Run the procedure in each outer fold; shows progress.

    Folds are drawn `repeats` times, once with near-duplicates (`groups`) kept together, inside and
    out, and once at random. Returns a row per scheme, repeat and customer: `scheme`, `repeat`,
    `fold`, `row` (position of the customer), `choice` and `best_family` (what was chosen, and which
    family alone was best, without that fold), and the probabilities of decline of `procedure` and
    of each family and the blend.
    """
    units = list(itertools.product((GROUPED, RANDOM), range(1, repeats + 1)))
    outer = {
        (scheme, repeat): draw_folds(
            decline, groups if scheme == GROUPED else None, setting.folds, setting.seed + repeat
        )
        for scheme, repeat in units
    }
    work = [
        delayed(_assess_fold)(features, decline, groups, fold, number, scheme, repeat, setting)
        for (scheme, repeat), fold in outer.items()
        for number in range(setting.folds)
    ]
    results = Parallel(n_jobs=-1, return_as="generator")(work)
    parts: list[pd.DataFrame] = list(tqdm(results, total=len(work), desc="assess", unit="fold"))
    return pd.concat(parts, ignore_index=True)


def _assess_fold(
    features: pd.DataFrame,
    decline: Integers,
    groups: NDArray[np.intp],
    fold: Integers,
    number: int,
    scheme: str,
    repeat: int,
    setting: Setting,
) -> pd.DataFrame:
    train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
    inner = draw_folds(
        decline[train],
        groups[train] if scheme == GROUPED else None,
        setting.folds,
        setting.seed + number,
    )
    found = run_procedure(features.iloc[train], decline[train], inner, setting)
    probabilities = {
        name: model.predict_proba(features.iloc[test])[:, 1] for name, model in found.models.items()
    }
    return pd.DataFrame(
        {
            "scheme": scheme,
            "repeat": repeat,
            "fold": number,
            "row": test,
            "choice": found.choice,
            "best_family": found.best_family,
            PROCEDURE: probabilities[found.choice],
            **probabilities,
        }
    )


def summarise(
    assessed: pd.DataFrame, decline: Integers, *, folds: int, bins: int, confidence: float
) -> dict[str, Any]:
    """Return the figures of an assessment.

    By scheme those of the procedure as a whole and of each family, in how many searches
    each was `chosen`, and in how many each `won` against the other families, whatever the rule then
    took; and what near-duplicates add when they straddle the folds: `optimism`, the difference of
    the schemes' ROC-AUC. Intervals are those of Nadeau & Bengio (see `corrected_difference`).
    """
    summary: dict[str, Any] = {}
    for scheme, rows in assessed.groupby("scheme", sort=False):
        judged = {
            name: _judge(rows, name, decline, folds, bins, confidence) for name in _names(assessed)
        }
        searches = rows.drop_duplicates(["repeat", "fold"])
        summary[str(scheme)] = {
            **judged.pop(PROCEDURE),
            "families": judged,
            "chosen": _counts(searches["choice"]),
            "won": _counts(searches["best_family"]),
        }
    summary["optimism"] = summary[RANDOM]["roc_auc"]["mean"] - summary[GROUPED]["roc_auc"]["mean"]
    return summary


def compare_pairs(
    assessed: pd.DataFrame, decline: Integers, *, folds: int, confidence: float
) -> pd.DataFrame:
    """Compare all pairs of families on the grouped outer folds.

    Returns `first`, `second`, `difference` (first minus second), `low`, `high`, `p`, and
    `p_adjusted` by Holm (1979) for the number of pairs; the smallest p first.
    """
    rows = assessed[assessed["scheme"] == GROUPED]
    names = _names(assessed)[1:]
    by_name = {name: _by_split(rows, name, decline) for name in names}
    pairs = []
    for first, second in itertools.combinations(names, 2):
        found = corrected_difference(by_name[first] - by_name[second], folds, confidence)
        pairs.append(
            {
                "first": first,
                "second": second,
                "difference": found.value,
                "low": found.low,
                "high": found.high,
                "p": found.p,
            }
        )
    table = pd.DataFrame(pairs).sort_values("p", kind="stable", ignore_index=True)
    return table.assign(p_adjusted=holm(table["p"].to_numpy()))


def _names(assessed: pd.DataFrame) -> list[str]:
    """Return the columns with probabilities: the procedure's first."""
    columns = list(assessed.columns)
    return columns[columns.index(PROCEDURE) :]


def _counts(names: "pd.Series[str]") -> dict[str, int]:
    return {str(name): int(count) for name, count in names.value_counts().sort_index().items()}


def _by_split(rows: pd.DataFrame, name: str, decline: Integers) -> Floats:
    """Return the ROC-AUC on each outer fold of each repeat."""
    return np.array(
        [
            roc_auc(decline[part["row"].to_numpy()], part[name].to_numpy())
            for _, part in rows.groupby(["repeat", "fold"])
        ]
    )


def _judge(
    rows: pd.DataFrame, name: str, decline: Integers, folds: int, bins: int, confidence: float
) -> dict[str, Any]:
    """Return the figures of one column: ROC-AUC as the mean over folds, the others pooled."""
    plain = figures(decline[rows["row"].to_numpy()], rows[name].to_numpy(), 0.5)
    return {
        "roc_auc": _mean_interval(_by_split(rows, name, decline), folds, confidence),
        **{figure: plain[figure] for figure in ("pr_auc", "log_loss", "brier")},
        "ece": _mean_ece(rows, name, decline, bins),
    }


def _mean_interval(values: Floats, folds: int, confidence: float) -> dict[str, float]:
    mean = corrected_difference(values, folds, confidence)
    # In few folds, the interval of the mean may reach beyond what a ROC-AUC can be.
    return {"mean": mean.value, "low": max(0.0, mean.low), "high": min(1.0, mean.high)}


def _mean_ece(rows: pd.DataFrame, name: str, decline: Integers, bins: int) -> float:
    """Return the mean over repeats: in each, every customer has one probability."""
    values = [
        expected_calibration_error(decline[part["row"].to_numpy()], part[name].to_numpy(), bins)
        for _, part in rows.groupby("repeat")
    ]
    return float(np.mean(values))
