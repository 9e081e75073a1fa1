"""Which columns matter: three views side by side, how far they agree, and how stable they are."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from retention.explanation.shapley.mixed import mixed_log_odds
from retention.folds import splits
from retention.harness.parallel import parallel
from retention.models.blend import Blend
from retention.statistics.ranking import roc_aucs

Integers = NDArray[np.int64]
Seed = int | tuple[int, ...]

_TOP = 5


def importance(
    shap_values: pd.DataFrame, permutation: "pd.Series[float]", single: "pd.Series[float]"
) -> dict[str, dict[str, float]]:
    """Return, by column, the most important first, the three views of it.

    `shap`, the mean |SHAP| of `shap_values` (n, columns); `permutation` and `roc_auc`, what the
    functions below give.
    """
    strength = shap_values.abs().mean().sort_values(ascending=False, kind="stable")
    return {
        column: {
            "shap": strength[column],
            "permutation": permutation[column],
            "roc_auc": single[column],
        }
        for column in strength.index.astype(str)
    }


def permutation_losses(
    model: Blend, rows: pd.DataFrame, decline: Integers, repeats: int, seed: Seed
) -> "pd.Series[float]":
    """Return by how much the ROC-AUC on these rows falls when a column is shuffled.

    The model must not have seen the rows. The loss is the mean over `repeats` shuffles, as
    scikit-learn's permutation_importance has it (Breiman 2001); nan where there is one class only.
    """
    if len(set(decline.tolist())) < 2:
        return pd.Series(np.nan, index=rows.columns)
    random = np.random.default_rng(seed)
    score = mixed_log_odds(model, rows)
    own = np.arange(len(rows))
    # By the same way as shuffled rows: other ways differ in last digits, which may part ties.
    whole = _roc_auc(decline, score(np.tile(own[:, None], rows.shape[1])))
    losses = {}
    for place, column in enumerate(rows.columns):
        # sources[r, i, k]: whose column k customer i has in shuffle r
        sources = np.tile(own[:, None], (repeats, 1, rows.shape[1]))
        sources[:, :, place] = random.permuted(np.tile(own, (repeats, 1)), axis=1)
        shuffled = score(sources.reshape(-1, rows.shape[1])).reshape(repeats, -1)
        losses[column] = whole - float(roc_aucs(decline, shuffled).mean())
    return pd.Series(losses)


def unseen_permutation_losses(
    models: Sequence[Blend],
    features: pd.DataFrame,
    decline: Integers,
    fold: Integers,
    *,
    repeats: int,
    seed: int,
) -> "pd.Series[float]":
    """Return the mean over models of what a shuffled column costs; shows progress.

    Model number k is judged on fold number k, which it left out. Folds of one class alone can't
    judge, and are left out; nan where none is left.
    """
    calls = [
        (model, features.iloc[test], decline[test], repeats, (seed, number))
        for number, (model, (_, test)) in enumerate(zip(models, splits(fold), strict=True))
    ]
    losses = parallel(permutation_losses, calls, label="permute", unit="model")
    return pd.concat(losses, axis=1).mean(axis=1)


def single_roc_auc(
    features: pd.DataFrame, categories: Sequence[str], decline: Integers, fold: Integers
) -> "pd.Series[float]":
    """Return the ROC-AUC of each column as a score of its own, among all customers.

    A number counts in the direction in which it is above 0.5, among the customers for whom it is
    known. A category is scored by its share of declines in the other folds, and judged within each
    fold (shares of other folds are lower where a fold's own is higher: pooled, a category that says
    nothing would seem to say the reverse). Folds of one class alone can't judge, and are left out;
    nan where none is left.
    """
    result = {}
    for column in features.columns:
        if column in categories:
            inside = [
                _roc_auc(decline[test], _learnt_rates(features[column], decline, train, test))
                for train, test in splits(fold)
            ]
            result[column] = _mean_known(inside)
        else:
            known = features[column].notna().to_numpy()
            value = _roc_auc(decline[known], features[column].to_numpy()[known])
            result[column] = max(value, 1 - value)
    return pd.Series(result)


def _learnt_rates(
    values: pd.Series, decline: Integers, train: NDArray[np.intp], test: NDArray[np.intp]
) -> NDArray[np.float64]:
    rates = pd.Series(decline[train]).groupby(values.iloc[train].to_numpy()).mean()
    known = values.iloc[test].map(rates).astype(float)
    known = known.fillna(decline[train].mean())  # categories that are new
    return np.asarray(known, dtype=np.float64)


def _roc_auc(decline: Integers, score: NDArray[np.float64]) -> float:
    return float(roc_auc_score(decline, score)) if len(set(decline.tolist())) == 2 else np.nan


def _mean_known(values: Sequence[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan


def agreement(columns: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return Spearman's rank correlation of every two views of `importance`; nan if undefined."""
    table = pd.DataFrame.from_dict(columns, orient="index")
    return {
        f"{first}_{second}": _spearman(table[first], table[second])
        for first, second in itertools.combinations(table.columns, 2)
    }


def stability(shap_values: pd.DataFrame, part: Integers) -> dict[str, float]:
    """Return how far the ranking by mean |SHAP| is the same whichever model explains.

    `part` (n,) tells the customers whom one model explained. Over all pairs of parts: the mean of
    Spearman's rank correlation, and of the share of the five strongest columns that both have.
    nan where there is one part only.
    """
    strengths = [shap_values[part == number].abs().mean() for number in sorted(set(part.tolist()))]
    count = min(_TOP, shap_values.shape[1])
    tops = [set(strength.nlargest(count).index) for strength in strengths]
    pairs = list(itertools.combinations(range(len(strengths)), 2))
    if not pairs:
        return {"spearman": np.nan, "top_5": np.nan}
    return {
        "spearman": float(np.mean([_spearman(strengths[a], strengths[b]) for a, b in pairs])),
        "top_5": float(np.mean([len(tops[a] & tops[b]) / count for a, b in pairs])),
    }


def _spearman(first: "pd.Series[float]", second: "pd.Series[float]") -> float:
    if first.nunique() < 2 or second.nunique() < 2:
        return np.nan
    return float(spearmanr(first, second).statistic)
