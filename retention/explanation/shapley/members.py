"""Shapley values of one member of a blend: exact where there is a way, otherwise sampled."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import SplineTransformer
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from retention.explanation.shapley.game import Floats, Game
from retention.explanation.shapley.kernels import polynomial_values, rbf_values
from retention.explanation.shapley.linear import linear_values
from retention.explanation.shapley.mixed import mixed_score
from retention.explanation.shapley.mixtures import MixturePaths, densities
from retention.explanation.shapley.sampling import (
    PathScore,
    mixed_paths,
    responses,
    sampled_values,
)
from retention.explanation.shapley.trees import boosted_forest, classification_forest, tree_values
from retention.models.average import Average
from retention.models.blend import decision
from retention.models.mixture import MixtureAverage, MixtureClassifier
from retention.models.preprocessing import column_positions

Method = Literal["exact", "sampled"]


@dataclass(frozen=True)
class MemberValues:
    """How a member's score comes about, in units of that score."""

    values: Floats  # (n, columns)
    errors: Floats  # their Monte-Carlo standard errors, 0 where they are exact
    responses: Floats  # (n, columns), see Explanation
    base: float  # the background's mean score
    method: Method


def member_values(
    member: Pipeline | Average,
    rows: pd.DataFrame,
    background: pd.DataFrame,
    *,
    permutations: int,
    random: np.random.Generator,
) -> MemberValues:
    """Explain `decision(member, rows)` by the columns of `rows` (n, columns).

    The value of a coalition of columns is the mean score when the other columns come from the
    customers of `background` (interventional Shapley values: Janzing et al. 2020). An average of
    pipelines is explained by the mean of what explains each.
    """
    if isinstance(member, Average):
        return _together(
            [
                member_values(part, rows, background, permutations=permutations, random=random)
                for part in member.estimators_
            ]
        )
    model, players = member["model"], rows.shape[1]
    scores, known = decision(member, rows), decision(member, background)
    base = float(known.mean())
    mixed = mixed_score(member, pd.concat([background, rows], ignore_index=True))
    game = _game(member, rows, background)
    exact = None if game is None else _exact_values(model, game)
    if exact is not None:
        values, alone = exact
        if alone is None:
            alone = responses(mixed, scores, len(known), players)
        return MemberValues(values, np.zeros_like(values), alone, base, "exact")
    if game is not None and isinstance(model, MixtureClassifier | MixtureAverage):
        mixture = MixturePaths(densities(model), game)
        paths: PathScore = mixture.scores
        alone = mixture.responses(scores)
    else:
        paths = mixed_paths(mixed, len(known))
        alone = responses(mixed, scores, len(known), players)
    values, errors = sampled_values(
        paths, scores, known, players=players, permutations=permutations, random=random
    )
    return MemberValues(values, errors, alone, base, "sampled")


def _together(parts: list[MemberValues]) -> MemberValues:
    methods = {part.method for part in parts}
    return MemberValues(
        np.mean([part.values for part in parts], axis=0),
        np.sqrt(np.sum([part.errors**2 for part in parts], axis=0)) / len(parts),
        np.mean([part.responses for part in parts], axis=0),
        float(np.mean([part.base for part in parts])),
        "sampled" if "sampled" in methods else "exact",
    )


def _game(member: Pipeline, rows: pd.DataFrame, background: pd.DataFrame) -> Game | None:
    """Return the game in encoded columns; None where some are made of several columns."""
    transformer = member["preprocessing"]
    try:
        owner = column_positions(transformer, list(rows.columns))
    except ValueError:
        return None
    encoded, others = (
        np.asarray(transformer.transform(part), dtype=np.float64) for part in (rows, background)
    )
    return Game(encoded, others, owner.astype(np.int64), rows.shape[1])


def _exact_values(model: Any, game: Game) -> tuple[Floats, Floats | None] | None:
    """Return Shapley values and responses (n, players) of `decision`.

    None instead of both where only sampling helps, instead of the responses where trying helps.
    """
    match model:
        case Average():
            return _mean_values([_exact_values(part, game) for part in model.estimators_])
        case LogisticRegression() | SVC(kernel="linear"):
            values = linear_values(model.coef_[0], game)
            return values, values
        case Pipeline(
            steps=[(_, SplineTransformer() as splines), (_, LogisticRegression() as end)]
        ):
            values = linear_values(end.coef_[0], _in_splines(splines, game))
            return values, values
        case SVC(kernel="rbf"):
            kernel = (model.support_vectors_, model.dual_coef_[0], _gamma(model))
            return rbf_values(*kernel, game), None
        case SVC(kernel="poly"):
            kernel = (model.support_vectors_, model.dual_coef_[0], _gamma(model))
            return polynomial_values(*kernel, model.coef0, model.degree, game), None
        case DecisionTreeClassifier():
            return tree_values(classification_forest([model]), _in_single_precision(game))
        case RandomForestClassifier() | ExtraTreesClassifier():
            return tree_values(classification_forest(model.estimators_), _in_single_precision(game))
        case HistGradientBoostingClassifier():
            return tree_values(boosted_forest(model), game)
        case _:
            return None


def _mean_values(
    parts: list[tuple[Floats, Floats | None] | None],
) -> tuple[Floats, Floats | None] | None:
    found = [part for part in parts if part is not None]
    if len(found) < len(parts):
        return None
    alone = [part for _, part in found if part is not None]
    return (
        np.mean([values for values, _ in found], axis=0),
        np.mean(alone, axis=0) if len(alone) == len(parts) else None,
    )


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
