"""Scores of customers mixed of others, many at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline

from retention.explanation.shapley.game import Floats
from retention.explanation.shapley.neighbours import neighbour_scores
from retention.explanation.shapley.sampling import MixedScore
from retention.models.average import Average
from retention.models.blend import Blend, decision
from retention.models.preprocessing import column_positions


def mixed_score(member: Pipeline | Average, pool: pd.DataFrame) -> MixedScore:
    """Return the score of customers mixed of the pool's.

    A mixed customer is told by the row that each column is taken from, so that the pool is encoded
    once, not once for each of thousands; only columns made of several are encoded anew.
    """
    if isinstance(member, Average):
        return _mean([mixed_score(part, pool) for part in member.estimators_])
    transformer, model = member["preprocessing"], member["model"]
    score = _fast(model)
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

    return lambda sources: score(mixed(sources))


def mixed_log_odds(model: Blend, pool: pd.DataFrame) -> MixedScore:
    """Return a blend's log-odds of customers mixed of the pool's, told as in `mixed_score`."""
    scores = [mixed_score(member, pool) for member in model.members_.values()]
    return lambda sources: model.combine(np.stack([score(sources) for score in scores]))


def _fast(model: Any) -> Callable[[Any], Floats]:
    match model:
        case KNeighborsClassifier():
            return lambda rows: neighbour_scores(model, rows)
        case Average():
            return _mean([_fast(estimator) for estimator in model.estimators_])
        case _:
            return lambda rows: decision(model, rows)


def _mean(scores: list[Callable[[Any], Floats]]) -> Callable[[Any], Floats]:
    return lambda rows: np.mean([score(rows) for score in scores], axis=0)
