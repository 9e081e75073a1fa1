"""Shapley values of one member of a blend: exact where there is a way, otherwise sampled."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import SplineTransformer
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from retention.explanation.shapley.game import Floats, Game
from retention.explanation.shapley.kernels import polynomial_values, rbf_values
from retention.explanation.shapley.linear import linear_values
from retention.explanation.shapley.neighbours import neighbour_scores
from retention.explanation.shapley.sampling import MixtureScore, sampled_values
from retention.explanation.shapley.trees import boosted_forest, classification_forest, tree_values
from retention.models.blend import decision
from retention.models.preprocessing import column_positions

Method = Literal["exact", "sampled"]


@dataclass(frozen=True)
class MemberValues:
    """How a member's score comes about, in units of that score."""

    values: Floats  # (n, columns)
    errors: Floats  # their Monte-Carlo standard errors, 0 where they are exact
    base: float  # the background's mean score
    method: Method


def member_values(
    member: Pipeline,
    rows: pd.DataFrame,
    background: pd.DataFrame,
    *,
    permutations: int,
    random: np.random.Generator,
) -> MemberValues:
    """Explain `decision(member, rows)` by the columns of `rows` (n, columns).

    The value of a coalition of columns is the mean score when the other columns come from the
    customers of `background` (interventional Shapley values: Janzing et al. 2020).
    """
    transformer, model = member["preprocessing"], member["model"]
    columns = list(rows.columns)
    known = decision(member, background)
    try:
        owner = column_positions(transformer, columns)
    except ValueError:
        exact = None  # columns made of several
    else:
        encoded, others = (
            np.asarray(transformer.transform(part), dtype=np.float64) for part in (rows, background)
        )
        exact = _exact_values(model, Game(encoded, others, owner.astype(np.int64), len(columns)))
    if exact is not None:
        return MemberValues(exact, np.zeros_like(exact), float(known.mean()), "exact")
    values, errors = sampled_values(
        mixture_score(member, pd.concat([background, rows], ignore_index=True)),
        decision(member, rows),
        known,
        players=len(columns),
        permutations=permutations,
        random=random,
    )
    return MemberValues(values, errors, float(known.mean()), "sampled")


def _exact_values(model: Any, game: Game) -> Floats | None:
    """Return the Shapley values (n, players) of `decision`, None where only sampling helps."""
    match model:
        case LogisticRegression() | SVC(kernel="linear"):
            return linear_values(model.coef_[0], game)
        case Pipeline(
            steps=[(_, SplineTransformer() as splines), (_, LogisticRegression() as end)]
        ):
            return linear_values(end.coef_[0], _in_splines(splines, game))
        case SVC(kernel="rbf"):
            return rbf_values(model.support_vectors_, model.dual_coef_[0], _gamma(model), game)
        case SVC(kernel="poly"):
            kernel = (_gamma(model), model.coef0, model.degree)
            return polynomial_values(model.support_vectors_, model.dual_coef_[0], *kernel, game)
        case DecisionTreeClassifier():
            return tree_values(classification_forest([model]), _in_single_precision(game))
        case RandomForestClassifier() | ExtraTreesClassifier():
            return tree_values(classification_forest(model.estimators_), _in_single_precision(game))
        case HistGradientBoostingClassifier():
            return tree_values(boosted_forest(model), game)
        case _:
            return None


def _in_splines(splines: SplineTransformer, game: Game) -> Game:
    """Return the game in spline columns, of which each encoded column makes equally many."""
    return Game(
        splines.transform(game.rows),
        splines.transform(game.background),
        np.repeat(game.owner, splines.n_features_out_ // splines.n_features_in_),
        game.players,
    )


def _gamma(model: SVC) -> float:
    return float(model._gamma)  # noqa: SLF001 - nothing public says what "scale" came to


def _in_single_precision(game: Game) -> Game:
    """Round as scikit-learn's trees do: a threshold may lie between the two."""
    rows, background = (
        part.astype(np.float32).astype(np.float64) for part in (game.rows, game.background)
    )
    return replace(game, rows=rows, background=background)


def mixture_score(member: Pipeline, pool: pd.DataFrame) -> MixtureScore:
    """Return the score of mixtures of the pool's customers.

    A mixture is told by the row that each column is taken from, so that the pool is encoded once,
    not once for each of thousands of mixtures; only columns made of several are encoded anew.
    """
    transformer, model = member["preprocessing"], member["model"]
    score = neighbour_scores if isinstance(model, KNeighborsClassifier) else decision
    try:
        owner = column_positions(transformer, list(pool.columns))
    except ValueError:
        arrays = {column: pool[column].array for column in pool.columns}

        def mixed(sources: NDArray[np.intp]) -> Any:
            return transformer.transform(
                pd.DataFrame(
                    {
                        column: array.take(sources[:, k])
                        for k, (column, array) in enumerate(arrays.items())
                    }
                )
            )
    else:
        encoded = np.asarray(transformer.transform(pool), dtype=np.float64)
        places = np.arange(len(owner))

        def mixed(sources: NDArray[np.intp]) -> Any:
            return encoded[sources[:, owner], places]

    return lambda sources: score(model, mixed(sources))
