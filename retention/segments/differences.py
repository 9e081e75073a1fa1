"""Whether a group of customers differs from the rest by more than chance, and by how much.

All tests take customers as independent: where near-duplicates are among them, p-values are a little
too small. A difference is an association; it says nothing of what causes it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from retention.contract.columns import PREDICTED, PROBABILITY
from retention.rules import Rule
from retention.statistics.significance import benjamini_hochberg, fisher_p


def compare_with_rest(
    table: pd.DataFrame,
    members: pd.DataFrame,
    rules: Mapping[str, Rule],
    numbers: Sequence[str],
    categories: Sequence[str],
) -> pd.DataFrame:
    """Compare each segment with all other customers on every column.

    Parameters
    ----------
    table
        The customers.
    members
        One boolean column a segment, rows as in `table`.
    rules
        Segment → the rule that it was cut by.
    numbers, categories
        The columns to compare on.

    Returns
    -------
    pandas.DataFrame
        One row a segment and number, or a segment and value of a category. `inside`, `outside`:
        means, or shares of the value; `effect`: Cliff's delta, or the difference of the shares;
        `p`: Mann-Whitney's, or Fisher's exact. `defines`: the segment's rule names the column, so
        that they must differ; `by_prediction`: the rule names a prediction, so that they must
        differ in whatever the model uses. `p_adjusted`: by Benjamini and Hochberg (1995) over all
        other rows of all segments together: rows that must differ would loosen it for the rest, and
        have none. Missing where a segment has no customers, or all.

    """
    rows: list[dict[str, Any]] = []
    for name, flags in members.items():
        inside = flags.to_numpy(dtype=bool)
        named = rules[str(name)].named
        for column in [*numbers, *categories]:
            about = {
                "segment": name,
                "column": column,
                "defines": column in named,
                "by_prediction": bool(named & {PROBABILITY, PREDICTED}),
            }
            if column in numbers:
                values = table[column].to_numpy(dtype=np.float64)
                rows.append({**about, "value": "", **_numbers(values, inside)})
            else:
                rows += [
                    {
                        **about,
                        "value": value,
                        **_shares((table[column] == value).to_numpy(), inside),
                    }
                    for value in sorted(table[column].unique())
                ]
    found = pd.DataFrame(rows)
    must_differ = found["defines"] | found["by_prediction"]
    found["p_adjusted"] = benjamini_hochberg(found["p"].mask(must_differ).to_numpy())
    about_columns = ["segment", "column", "value", "defines", "by_prediction"]
    return found[[*about_columns, "inside", "outside", "effect", "p", "p_adjusted"]]


def cliffs_delta(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> tuple[float, float]:
    """Return Cliff's delta and the two-sided p of Mann and Whitney's test; nan without customers.

    The delta is P(inside > outside) - P(inside < outside) over all pairs = 2U/(m·n) - 1 (Cliff
    1993, https://doi.org/10.1037/0033-2909.114.3.494): 1 when all inside are larger, 0 for none.
    """
    if not (len(inside) and len(outside)):
        return np.nan, np.nan
    test = stats.mannwhitneyu(inside, outside)
    return float(2 * test.statistic / (len(inside) * len(outside)) - 1), float(test.pvalue)


def _numbers(values: NDArray[np.float64], inside: NDArray[np.bool_]) -> dict[str, float]:
    delta, p = cliffs_delta(values[inside], values[~inside])
    return {**_means(values, inside), "effect": delta, "p": p}


def _shares(hit: NDArray[np.bool_], inside: NDArray[np.bool_]) -> dict[str, float]:
    means = _means(hit.astype(np.float64), inside)
    return {**means, "effect": means["inside"] - means["outside"], "p": fisher_p(inside, hit)}


def _means(values: NDArray[np.float64], inside: NDArray[np.bool_]) -> dict[str, float]:
    sides = {"inside": values[inside], "outside": values[~inside]}
    return {name: float(side.mean()) if len(side) else np.nan for name, side in sides.items()}
