"""What each guard against a leak is worth on these customers: the wrong way beside the right one.

Every figure is a ROC-AUC. Unless a line says otherwise, it is that of each fold of a
cross-validation of all customers that keeps near-duplicates together, in some draws of these folds:
two draws differ by more than some of the lines do.

The models are fixed, not tuned. A line compares two ways of measuring one model: a better model
would move both of its figures, and a search would add a leak of its own.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import (
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_score,
    cross_validate,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.folds import Splits
from retention.harness.parallel import parallel
from retention.models.preprocessing import Columns, preprocessing

DRAWS = 3
SHUFFLES = 2  # of the labels, in each draw
TREES = 100  # of the forest that remembers near-duplicates
CHANCE = 0.5  # ROC-AUC of a score that knows nothing

Labels = NDArray[np.int64]
Floats = NDArray[np.float64]
Series = Mapping[str, Sequence[str]]
Ways = tuple[Floats, Floats]  # ROC-AUC the wrong way and the right way, each (folds,) or (1,)


@dataclass(frozen=True)
class Case:
    """What a line is measured on, with one draw of the folds.

    `customers` (n rows) has the columns of data/customers.parquet, `groups` (n,) the number that
    near-duplicates share, `columns` the numbers and categories that a model sees, `series` the
    columns of each quantity that is known of several periods.
    """

    customers: pd.DataFrame
    groups: NDArray[np.intp]
    columns: Columns
    series: Series
    folds: int
    seed: int

    @property
    def decline(self) -> Labels:
        """Return the labels (n,), 1 = decline."""
        return self.customers[DECLINE].to_numpy()

    @property
    def whole(self) -> Splits:
        """Return folds of the customers that tear no group."""
        return self.whole_folds(self.decline, self.groups)

    def whole_folds(self, decline: Labels, groups: NDArray[np.intp]) -> Splits:
        """Return folds of rows with these labels and groups (r,) that tear no group."""
        splitter = StratifiedGroupKFold(self.folds, shuffle=True, random_state=self.seed)
        return list(splitter.split(np.zeros(len(decline)), decline, groups))

    def random_folds(self, decline: Labels) -> Splits:
        """Return folds of rows with these labels (r,), whoever they belong to."""
        splitter = StratifiedKFold(self.folds, shuffle=True, random_state=self.seed)
        return list(splitter.split(np.zeros(len(decline)), decline))


def id_alone(case: Case) -> Ways:
    """Score by the id, in the better direction, against chance. No model, no folds.

    Chance and not an honest model is the right figure for a number that should mean nothing: an id
    with 0.8 leaks a lot even where an honest model has 0.9. `id_as_feature` has that model.
    """
    roc_auc = float(roc_auc_score(case.decline, _id_as_number(case.customers)))
    return np.array([max(roc_auc, 1 - roc_auc)]), np.array([CHANCE])


def id_as_feature(case: Case) -> Ways:
    """Let a logistic regression see the id beside the features, against the features alone."""
    numbers = case.columns.numbers
    model = LogisticRegression(max_iter=2_000)
    customers = case.customers.assign(**{CUSTOMER_ID: _id_as_number(case.customers)})
    wrong, right = (
        _roc_auc(_pipeline(columns, model), customers, case.decline, case.whole)
        for columns in (case.columns._replace(numbers=[*numbers, CUSTOMER_ID]), case.columns)
    )
    return wrong, right


def long_form(case: Case) -> Ways:
    """Split the rows of `long_rows` at random, against all rows of a customer kept together.

    With the tree by which 0.996 was published. A customer's six rows differ in two columns. In five
    random folds, a tested row finds on average four of the other five in training, and a tree that
    deep looks the label up.
    """
    return _long_form(case, case.decline)


def long_form_pivoted(case: Case) -> Ways:
    """Split the rows of `long_rows` at random, against one row a customer, groups kept whole.

    What the published tree is worth on the table that the files are meant to give.
    """
    rows, columns, times = _long_table(case)
    labels = np.tile(case.decline, times)
    return (
        _roc_auc(_pipeline(columns, _deep_tree(case)), rows, labels, case.random_folds(labels)),
        _roc_auc(
            _pipeline(case.columns, _deep_tree(case)), case.customers, case.decline, case.whole
        ),
    )


def shuffled_labels(case: Case) -> Ways:
    """Repeat `long_form` with labels shuffled among customers: there is nothing to learn.

    All that the wrong way has above chance is leak. The right way has to be about at chance, or
    something leaks past the guards.
    """
    random = np.random.default_rng(case.seed)
    ways = [_long_form(case, random.permutation(case.decline)) for _ in range(SHUFFLES)]
    wrong, right = np.mean(ways, axis=0)
    return wrong, right


def training_customers(case: Case) -> Ways:
    """Score the customers that a model was fitted on, against those that it did not see.

    Neighbours weighted by 1 / distance give a customer its own label back, at the distance 0.
    """
    scores = cross_validate(
        _pipeline(case.columns, _neighbours()),
        case.customers,
        case.decline,
        cv=case.whole,
        scoring="roc_auc",
        return_train_score=True,
        error_score="raise",
    )
    return scores["train_score"], scores["test_score"]


def scaler_before_split(case: Case) -> Ways:
    """Fit scaler and encoder on all customers, against the training part of each fold.

    With nearest neighbours, to whom the scale is everything. Scaling sees no label, and a mean
    over so many customers hardly moves with those of one fold: little is to be expected.
    """
    scaled = preprocessing(case.columns, "one-hot", "standard").fit_transform(case.customers)
    return (
        _roc_auc(_neighbours(), scaled, case.decline, case.whole),
        _roc_auc(_pipeline(case.columns, _neighbours()), case.customers, case.decline, case.whole),
    )


def near_duplicates(case: Case) -> Ways:
    """Let near-duplicates of tested customers be in training, against none of them.

    Customers are split at random, and both ways test the same ones: two separate draws of folds
    differ by more than the leak. The right way takes the near-duplicates of the tested out of
    training, the wrong way as many customers at random, so that both learn from equally many. The
    difference, fold by fold, is the optimism of folds that tear near-duplicates apart.

    The model has to be flexible to remember single customers. Both figures are nan where groups
    are so large that the right way leaves nothing to learn from.
    """
    model = ExtraTreesClassifier(
        TREES, min_samples_leaf=2, max_features=0.5, random_state=case.seed
    )
    pipeline = _pipeline(case.columns, model)
    random = np.random.default_rng(case.seed)
    torn, kept = [], []
    for train, test in case.random_folds(case.decline):
        apart = train[~np.isin(case.groups[train], case.groups[test])]
        if len(np.unique(case.decline[apart])) < 2:
            return np.array([np.nan]), np.array([np.nan])
        torn.append((np.sort(random.choice(train, len(apart), replace=False)), test))
        kept.append((apart, test))
    return (
        _roc_auc(pipeline, case.customers, case.decline, torn),
        _roc_auc(pipeline, case.customers, case.decline, kept),
    )


# What only a shop with several quantities over several periods can do wrong.
LONG_LINES = (long_form, long_form_pivoted, shuffled_labels)
LINES: tuple[Callable[[Case], Ways], ...] = (
    id_alone,
    id_as_feature,
    long_form,
    long_form_pivoted,
    shuffled_labels,
    training_customers,
    scaler_before_split,
    near_duplicates,
)


def audit(
    customers: pd.DataFrame,
    groups: NDArray[np.intp],
    columns: Columns,
    series: Series,
    *,
    folds: int,
    seed: int,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Measure every line in `draws` draws of the folds; shows progress.

    The arguments are those of `Case`; without series, lines about them are left out. Nothing is
    chosen by these figures, and no model of the pipeline is scored. Returns a row per `line`,
    `draw` and `fold` (both from 0; of a line without folds, one row a draw): the ROC-AUC the
    `wrong` way and the `right` way.
    """
    cases = [Case(customers, groups, columns, series, folds, seed + draw) for draw in range(draws)]
    # Backwards, because the last line is the slowest: no core shall wait for it at the end.
    lines = [line for line, one in enumerate(LINES) if series or one not in LONG_LINES]
    units = list(itertools.product(lines, range(draws)))[::-1]
    ways = parallel(
        _measure, [(line, cases[draw]) for line, draw in units], label="audit", unit="part"
    )
    rows = [
        (line, draw, fold, wrong, right)
        for (line, draw), both in zip(units, ways, strict=True)
        for fold, (wrong, right) in enumerate(zip(*both, strict=True))
    ]
    table = pd.DataFrame(sorted(rows), columns=["line", "draw", "fold", "wrong", "right"])
    return table.assign(line=table["line"].map(lambda number: LINES[number].__name__))


def _measure(line: int, case: Case) -> Ways:
    return LINES[line](case)


def _id_as_number(customers: pd.DataFrame) -> "pd.Series[float]":
    """Return the place of each id among all: a leak would use their order."""
    ids = customers[CUSTOMER_ID]
    return ids.str.zfill(int(ids.str.len().max())).rank()


def long_rows(customers: pd.DataFrame, series: Series) -> pd.DataFrame:
    """Rebuild what joining the shop's tables of periods by id without pivoting gives.

    Each value of one series meets each of the others, in columns of the series' names in place of
    those of the periods: of three revenues and two numbers of minutes, 6n rows. Row i belongs to
    the customer i mod n.
    """
    others = customers.drop(columns=[one for columns in series.values() for one in columns])
    met = [
        others.assign(**{name: customers[one] for name, one in zip(series, columns, strict=True)})
        for columns in itertools.product(*series.values())
    ]
    return pd.concat(met, ignore_index=True)


def _long_table(case: Case) -> tuple[pd.DataFrame, Columns, int]:
    """Return the long rows, the columns that a model sees of them, and the rows a customer."""
    repeated = [one for columns in case.series.values() for one in columns]
    others = [name for name in case.columns.numbers if name not in repeated]
    rows = long_rows(case.customers, case.series)
    columns = case.columns._replace(numbers=[*others, *case.series])
    return rows, columns, len(rows) // len(case.customers)


def _long_form(case: Case, decline: Labels) -> Ways:
    rows, columns, times = _long_table(case)
    labels = np.tile(decline, times)
    pipeline = _pipeline(columns, _deep_tree(case))
    return (
        _roc_auc(pipeline, rows, labels, case.random_folds(labels)),
        _roc_auc(pipeline, rows, labels, case.whole_folds(labels, np.tile(case.groups, times))),
    )


def _deep_tree(case: Case) -> DecisionTreeClassifier:
    return DecisionTreeClassifier(max_depth=18, min_samples_split=8, random_state=case.seed)


def _neighbours() -> KNeighborsClassifier:
    # City-block distances of a row to itself are exactly 0. Euclidean ones need not be, because
    # scikit-learn expands the square.
    return KNeighborsClassifier(15, weights="distance", p=1)


def _pipeline(columns: Columns, model: Any) -> Any:
    return make_pipeline(preprocessing(columns, "one-hot", "standard"), model)


def _roc_auc(model: Any, features: Any, decline: Labels, splits: Splits) -> Floats:
    """Return the ROC-AUC of each split, (folds,); `features` has the rows of `decline` (r,)."""
    scores: Floats = cross_val_score(
        model, features, decline, cv=splits, scoring="roc_auc", error_score="raise"
    )
    return scores
