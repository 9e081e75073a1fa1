"""Shapley values: of the log-odds of decline, by the shop's columns, as defined."""

import itertools
import math
from dataclasses import replace

import numba
import numpy as np
import pandas as pd
import pytest
from blends import fitted_blend
from shop import CONTRACT

from retention.explanation.shapley import (
    Task,
    explain,
    kernels,
    mixtures,
    neighbours,
    outer_tasks,
    trees,
)
from retention.explanation.shapley.game import Game
from retention.explanation.shapley.members import member_values
from retention.families import known_families
from retention.folds import splits
from retention.models.blend import Blend, decision
from retention.models.preprocessing import Columns
from retention.selection.pipeline import build, build_average

pytestmark = pytest.mark.usefixtures("one_process")

NUMBERS = ["pages_per_visit", "promo_share", "revenue_previous", "revenue_current"]
CATEGORIES = ["favourite_category"]
SEEN = Columns(
    NUMBERS,
    CATEGORIES,
    CONTRACT.groups["behavioural"],
    {"change": dict(zip(NUMBERS[2:], (1.0, -1.0), strict=True))},
)
COLUMNS = [*NUMBERS, *CATEGORIES]
FOREST = {"n_estimators": 4, "max_features": 0.7, "min_samples_leaf": 2}
SVC = {"C": 1.0, "gamma": "scale"}
EXACT = {
    "boosting": {
        "learning_rate": 0.3,
        "max_iter": 5,
        "max_leaf_nodes": 5,
        "min_samples_leaf": 3,
        "l2_regularization": 0.1,
    },
    "extra_trees": FOREST,
    "random_forest": FOREST,
    "tree": {"max_depth": 6, "min_samples_split": 2, "min_samples_leaf": 1},
    "logistic": {"C": 1.0, "class_weight": None},
    "splines": {"n_knots": 4, "C": 1.0},
    "svc linear": {"kernel": "linear", "C": 1.0},
    "svc rbf": {"kernel": "rbf", **SVC},
    "svc poly 1": {"kernel": "poly", "degree": 1, **SVC},
    "svc poly 2": {"kernel": "poly", "degree": 2, **SVC},
    "svc poly 3": {"kernel": "poly", "degree": 3, "coef0": 0.5, **SVC},
    "svc poly 5": {"kernel": "poly", "degree": 5, **SVC},
}
SAMPLED = {
    "gaussian_process": {"variance": 2.0, "length_scale": 2.0},
    "knn": {"n_neighbors": 5, "weights": "distance", "p": 1.0},
    "knn p=2": {"n_neighbors": 5, "weights": "uniform", "p": 2.0},
    "knn p=3": {"n_neighbors": 5, "weights": "distance", "p": 3.0},
    "mixture": {"components_0": 1, "components_1": 2, "reg_covar": 0.1},
    "svc sigmoid": {"kernel": "sigmoid", **SVC},
    "tree engineered": {**EXACT["tree"], "subset": "engineered"},
    "svc rbf engineered": {**EXACT["svc rbf"], "subset": "engineered"},
}
# The mean over some hyperparameters of one family.
AVERAGED = {
    "extra_trees average": [FOREST, FOREST | {"n_estimators": 3, "min_samples_leaf": 5}],
    "tree average": [EXACT["tree"], EXACT["tree"] | {"max_depth": 2}],
    "logistic average": [{"C": C, "class_weight": None} for C in (0.1, 10.0)],
    "svc average": [EXACT["svc rbf"], EXACT["svc poly 2"], EXACT["svc linear"]],
}
SAMPLED_AVERAGED = {
    "knn average": [SAMPLED["knn"], SAMPLED["knn p=2"]],
    "mixture average": [
        {"components_0": first, "components_1": second, "reg_covar": added}
        for first, second, added in [(1, 1, 0.1), (1, 3, 0.1), (2, 3, 0.1), (2, 1, 0.5)]
    ],
}
EXACT |= AVERAGED
SAMPLED |= SAMPLED_AVERAGED
ALL = EXACT | SAMPLED


def draw(seed: int, customers: int) -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(seed)
    features = pd.DataFrame(
        {
            "pages_per_visit": random.integers(1, 20, customers),
            "promo_share": random.uniform(0, 1, customers).round(2),
            "revenue_previous": random.normal(5000, 500, customers).round(1),
            "revenue_current": random.normal(5000, 500, customers).round(1),
            "favourite_category": random.choice(["посуда", "текстиль", "техника"], customers),
        }
    )
    score = 2 * features["promo_share"] - features["pages_per_visit"] / 8
    score += (features["revenue_previous"] - features["revenue_current"]) / 1000
    score += 0.7 * (features["favourite_category"] == "посуда")
    decline = (score + random.normal(0, 0.4, customers) > 0).to_numpy().astype(np.int64)
    return features, decline


TRAINING, DECLINE = draw(3, 45)
FOLD = np.arange(len(TRAINING)) % 3
ROWS, BACKGROUND = draw(4, 3)[0], TRAINING[5:11]


def pipeline(name, encoder="one-hot"):
    prepare = {"encoder": encoder, "scaler": "standard"}
    family, columns = name.split()[0], SEEN
    if name.endswith("average"):
        return build_average(family, [prepare | one for one in ALL[name]], columns, seed=0)
    return build(family, prepare | ALL[name], columns, seed=0)


def fitted(*names, encoder="one-hot", features=TRAINING):
    """Return a blend of all the names, each with a calibration and a weight of its own."""
    members = {name: pipeline(name, encoder) for name in names}
    noise = np.random.default_rng(6).normal(0, 0.8, (len(names), len(DECLINE)))
    blend = Blend(dict.fromkeys(names, 1.0), pull=100.0).fit_weights(DECLINE + noise, DECLINE)
    return blend.with_members(
        {name: member.fit(features, DECLINE) for name, member in members.items()}
    )


def explained(model, rows=ROWS, background=BACKGROUND, permutations=2):
    return explain([Task(model, rows, background)], permutations=permutations, seed=5)


def by_definition(score, rows=ROWS, background=BACKGROUND) -> np.ndarray:
    """Return the Shapley values of `score`, a function of a frame, from all coalitions."""
    columns = list(rows.columns)
    worth = {}
    for size in range(len(columns) + 1):
        for known in itertools.combinations(columns, size):
            mixed = pd.concat([background] * len(rows), ignore_index=True)
            for column in known:
                mixed[column] = np.repeat(rows[column].to_numpy(), len(background))
            worth[frozenset(known)] = score(mixed).reshape(len(rows), -1).mean(axis=1)
    values = np.zeros(rows.shape)
    for coalition, column in itertools.product(worth, columns):
        if column not in coalition:
            rest = len(columns) - len(coalition) - 1
            weight = math.factorial(len(coalition)) * math.factorial(rest)
            values[:, columns.index(column)] += (
                weight
                / math.factorial(len(columns))
                * (worth[coalition | {column}] - worth[coalition])
            )
    return values


def log_odds(model, rows) -> np.ndarray:
    probability = model.predict_proba(rows)[:, 1]
    return np.log(probability / (1 - probability))


def test_every_family_is_tested():
    assert {name.split()[0] for name in ALL} == set(known_families())


@pytest.mark.parametrize("encoder", ["one-hot", "ordinal"])
@pytest.mark.parametrize("name", EXACT)
def test_exact_values_are_those_of_all_coalitions(name, encoder):
    model = fitted(name, encoder=encoder)
    found = explained(model)
    expected = by_definition(model.decision_function)
    np.testing.assert_allclose(found.values[COLUMNS], expected, rtol=0, atol=1e-9)
    assert np.abs(expected).max() > 0.1
    assert found.standard_error == 0
    assert (found.members[name].method, found.members[name].standard_error) == ("exact", 0)


@pytest.mark.parametrize("name", SAMPLED)
def test_sampled_values_come_as_close_as_their_standard_error_says(name):
    member = pipeline(name).fit(TRAINING, DECLINE)
    expected = by_definition(lambda rows: decision(member, rows))
    found = member_values(
        member, ROWS, BACKGROUND, permutations=20, random=np.random.default_rng(1)
    )
    assert found.method == "sampled"
    deviation = found.values - expected
    assert (np.abs(deviation) <= 5 * found.errors + 1e-9).all()
    assert found.errors.max() < 0.1 * np.abs(expected).max()
    # Honest: not many times larger than the deviations either.
    assert found.errors.mean() < 3 * np.abs(deviation).mean() + 1e-9


@pytest.mark.parametrize("name", ALL)
def test_base_and_values_add_up_to_the_log_odds_of_decline(name):
    model = fitted(name)
    found = explained(model).values
    np.testing.assert_allclose(found.sum(axis=1), log_odds(model, ROWS), rtol=0, atol=1e-9)
    base = model.decision_function(BACKGROUND).mean()
    np.testing.assert_allclose(found["base_value"], base, rtol=0, atol=1e-9)


def test_a_blend_is_explained_with_its_weights_and_calibration():
    model = fitted("extra_trees", "svc rbf", "logistic", encoder="ordinal")
    assert len(set(model.weights_ * model.slopes_)) == 3
    expected = by_definition(model.decision_function)
    np.testing.assert_allclose(explained(model).values[COLUMNS], expected, rtol=0, atol=1e-9)


def test_a_blend_says_of_each_member_how_it_was_explained():
    model = fitted("extra_trees", "knn", "mixture")
    few, many = (explained(model, permutations=count) for count in (4, 64))
    methods = {name: sampling.method for name, sampling in many.members.items()}
    assert methods == {"extra_trees": "exact", "knn": "sampled", "mixture": "sampled"}
    # The error is that of the blend's log-odds: what sampling really misses, on average.
    missed = np.abs(many.values[COLUMNS] - by_definition(model.decision_function)).to_numpy()
    assert 0.4 < missed.mean() / many.standard_error < 1.6
    assert many.standard_error == pytest.approx(few.standard_error / 4, rel=0.3)
    assert few.members["knn"].standard_error <= few.standard_error


def test_the_sign_says_towards_decline():
    model = fitted("logistic")
    row = ROWS[:1].assign(pages_per_visit=19, promo_share=1.0)
    values = explained(model, row, TRAINING).values.iloc[0]
    assert values["pages_per_visit"] < 0 < values["promo_share"]
    declining = TRAINING[DECLINE == 1]
    assert explained(model, declining, TRAINING).values.sum(axis=1).mean() > 0


@pytest.mark.parametrize("encoder", ["one-hot", "ordinal"])
@pytest.mark.parametrize("name", ["logistic", "random_forest", "svc rbf"])
def test_a_category_that_training_did_not_have_is_explained(name, encoder):
    model = fitted(name, encoder=encoder)
    rows = ROWS.assign(favourite_category="новинки")
    found = explained(model, rows).values
    expected = by_definition(model.decision_function, rows)
    np.testing.assert_allclose(found[COLUMNS], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ALL)
def test_a_constant_column_is_worth_nothing(name):
    constant = {"revenue_current": 5000.0}
    model = fitted(name, features=TRAINING.assign(**constant))
    found = explained(model, ROWS.assign(**constant), BACKGROUND.assign(**constant)).values
    assert found["revenue_current"].abs().max() < 1e-10
    assert found[COLUMNS].abs().max().max() > 0.01


def test_columns_that_a_member_never_sees_are_worth_nothing():
    candidate = {"encoder": "one-hot", "scaler": "standard", "subset": "behavioural"}
    member = build("svc", candidate | EXACT["svc rbf"], SEEN, seed=0)
    model = fitted_blend({"svc": member}, TRAINING, DECLINE, FOLD)
    found = explained(model).values
    assert (found["favourite_category"] == 0).all()
    assert explained(model).members["svc"].method == "exact"
    expected = by_definition(model.decision_function)
    np.testing.assert_allclose(found[COLUMNS], expected, rtol=0, atol=1e-9)


def test_thresholds_count_in_single_precision():
    # Both values of the row's column are 0.1 to a tree, that casts to float32 before it compares.
    training = TRAINING.assign(promo_share=np.where(DECLINE, 0.1, 0.1 - 1e-7))
    model = fitted("tree", features=training)
    rows = ROWS.assign(promo_share=np.linspace(0.1 - 1e-7, 0.1, len(ROWS)))
    found = explained(model, rows, training).values
    np.testing.assert_allclose(found.sum(axis=1), log_odds(model, rows), rtol=0, atol=1e-9)


def test_every_task_is_explained_by_its_own_model_and_background():
    rows = TRAINING
    tasks = [  # not in the order of the customers
        Task(fitted("logistic"), rows[3:45], rows[20:25]),  # more than are explained at once
        Task(fitted("tree"), rows[:3], rows[25:35]),
    ]
    found = explain(tasks, permutations=2, seed=5)
    assert found.values.index.tolist() == list(range(45))
    assert set(found.members) == {"logistic", "tree"}
    for task in tasks:
        part = found.values.loc[task.rows.index]
        np.testing.assert_allclose(
            part.sum(axis=1), log_odds(task.model, task.rows), rtol=0, atol=1e-9
        )
        mean = task.model.decision_function(task.background).mean()
        np.testing.assert_allclose(part["base_value"], mean)


@pytest.mark.parametrize("name", ALL)
def test_a_response_is_what_one_column_alone_changes(name):
    model = fitted(name, "logistic" if name != "logistic" else "tree")
    found = explained(model).responses
    assert found.columns.tolist() == list(ROWS.columns)
    own = model.decision_function(ROWS)
    for column in ROWS:
        replaced = [ROWS.assign(**{column: value}) for value in BACKGROUND[column]]
        without = np.mean([model.decision_function(rows) for rows in replaced], axis=0)
        np.testing.assert_allclose(found[column], own - without, rtol=0, atol=1e-9)


@pytest.mark.parametrize("family", ["extra_trees", "mixture", "knn"])
def test_an_average_may_be_over_several_preprocessings(family):
    candidates = [
        {"encoder": encoder, "scaler": scaler, **ALL[family]}
        for encoder, scaler in [("one-hot", "standard"), ("ordinal", "min-max")]
    ]
    member = build_average(family, candidates, SEEN, seed=0)
    member.fit(TRAINING, DECLINE)
    found = member_values(
        member, ROWS, BACKGROUND, permutations=20, random=np.random.default_rng(1)
    )
    expected = by_definition(lambda rows: decision(member, rows))
    assert found.method == ("exact" if family == "extra_trees" else "sampled")
    assert (np.abs(found.values - expected) <= 5 * found.errors + 1e-9).all()
    total = found.values.sum(axis=1) + found.base
    np.testing.assert_allclose(total, decision(member, ROWS), rtol=0, atol=1e-9)
    column = ROWS.assign(promo_share=BACKGROUND["promo_share"].iloc[0])
    [first] = member_values(
        member, ROWS[:1], column[:1], permutations=2, random=np.random.default_rng(1)
    ).responses
    changed = decision(member, ROWS[:1]) - decision(member, column[:1])
    assert first[COLUMNS.index("promo_share")] == pytest.approx(changed[0])


def test_far_from_everybody_the_limits_of_a_mixture_hold():
    far = ROWS.assign(revenue_previous=[-2e5, 1e5, 4e5], pages_per_visit=[900, -900, 10])
    member = pipeline("mixture average").fit(TRAINING, DECLINE)
    limited = np.abs(member["model"].candidate_log_odds(member[:-1].transform(far)))
    assert limited.max() == 20
    found = member_values(member, far, BACKGROUND, permutations=20, random=np.random.default_rng(1))
    expected = by_definition(lambda rows: decision(member, rows), far)
    assert (np.abs(found.values - expected) <= 5 * found.errors + 1e-8).all()


def outer_models(fold, *names):
    members = {name: pipeline(name) for name in names}
    return [
        fitted_blend(members, TRAINING.iloc[known], DECLINE[known], fold[known])
        for known, _ in splits(fold)
    ]


def test_no_model_explains_a_customer_that_it_was_trained_on():
    fold = np.arange(len(TRAINING)) % 4
    models = outer_models(fold, "tree", "mixture average")
    tasks = outer_tasks(models, TRAINING, fold, background=15)
    assert sorted(row for task in tasks for row in task.rows.index) == list(range(len(fold)))
    for number, task in enumerate(tasks):
        assert (fold[task.rows.index] == number).all()
        assert len(set(task.background.index)) == 15
        assert not set(task.background.index) & set(task.rows.index)
    scores = np.empty(len(fold))
    for model, (_, rows) in zip(models, splits(fold), strict=True):
        scores[rows] = model.decision_function(TRAINING.iloc[rows])
    assert np.abs(scores - models[0].decision_function(TRAINING)).max() > 0.1
    found = explain(tasks, permutations=2, seed=1).values
    np.testing.assert_allclose(found.sum(axis=1), scores, rtol=0, atol=1e-9)


def test_each_fold_needs_a_model():
    model = fitted("tree")
    with pytest.raises(ValueError, match="argument"):
        outer_tasks([model, model], TRAINING, FOLD, background=10)


def test_the_background_is_all_of_training_when_that_is_smaller():
    model = fitted("tree")
    fold = (np.arange(len(FOLD)) < 20).astype(np.int64)
    tasks = outer_tasks([model, model], TRAINING, fold, background=60)
    assert [len(task.background) for task in tasks] == [20, 25]


def test_the_background_represents_the_models_training_customers():
    customers = draw(9, 401)[0]
    fold = np.append(np.ones(400, dtype=np.int64), 0)
    model = fitted("logistic")
    score = model.decision_function(customers[:400])
    task, *_ = outer_tasks([model, model], customers, fold, background=40)
    base = model.decision_function(task.background).mean()
    # A simple random sample misses the mean by a whole standard error, as a rule.
    assert abs(base - score.mean()) < 0.1 * score.std() / np.sqrt(40)


def test_neither_another_run_nor_more_processes_change_the_values(monkeypatch):
    tasks = [Task(fitted("knn"), pd.concat([TRAINING] * 2, ignore_index=True), BACKGROUND)]
    first = explain(tasks, permutations=2, seed=9)
    monkeypatch.setattr("retention.harness.parallel.BACKEND", "threading")
    again = explain(tasks, permutations=2, seed=9)
    pd.testing.assert_frame_equal(again.values, first.values, check_exact=True)
    assert again.members == first.members
    other = explain(tasks, permutations=2, seed=10)
    assert not other.values.equals(first.values)


def test_the_model_is_left_as_it_was():
    model = fitted("svc rbf", "knn", "extra_trees")
    before = log_odds(model, TRAINING)
    explained(model)
    assert log_odds(model, TRAINING).tolist() == before.tolist()


# The tests above run the kernels as plain Python; these compile them, as the pipeline does.


@pytest.fixture
def compiled(monkeypatch):
    def compile_kernel(module, *names):
        monkeypatch.setattr(numba.config, "DISABLE_JIT", 0)
        for name in names:
            monkeypatch.setattr(module, name, numba.njit(getattr(module, name)))

    return compile_kernel


def small_game():
    random = np.random.default_rng(2)
    return Game(
        random.normal(size=(2, 5)), random.normal(size=(3, 5)), np.array([0, 1, 1, 2, 4]), 5
    )


def mixture_paths(game):
    """Return scores on the way and responses of a mixture of two columns more."""
    wider = replace(
        game,
        rows=np.tile(game.rows, 2)[:, :7],
        background=np.tile(game.background, 2)[:, :7],
        owner=np.array([0, 1, 2, 3, 4, 4, 4]),
    )
    model = fitted("mixture average").members_["mixture average"]["model"]
    paths = mixtures.MixturePaths(mixtures.densities(model), wider)
    order = np.random.default_rng(1).permuted(np.tile(np.arange(5), (3, 4, 1)), axis=-1)
    return paths.scores(0, order), paths.responses(np.array([1.0, 2.0]))


@pytest.mark.parametrize(
    ("module", "names", "values"),
    [
        (
            kernels,
            "_add_rbf_values",
            lambda game: kernels.rbf_values(game.rows, np.array([1.0, -2.0]), 0.3, game),
        ),
        (
            kernels,
            "_add_polynomial_values",
            lambda game: kernels.polynomial_values(
                game.rows, np.array([1.0, -2.0]), 0.3, 0.5, 3, game
            ),
        ),
        (
            trees,
            "_turns _add_pair _add_tree_values",
            lambda game: trees.tree_values(
                trees.classification_forest([fitted("tree").members_["tree"]["model"]]),
                replace(
                    game,
                    rows=np.tile(game.rows, 2),
                    background=np.tile(game.background, 2),
                    owner=np.tile(game.owner, 2),
                ),
            ),
        ),
        (mixtures, "_score _walk", lambda game: mixture_paths(game)[0]),
        (mixtures, "_score _leave_one", lambda game: mixture_paths(game)[1]),
        (mixtures, "_split", lambda game: np.concatenate(mixture_paths(game), axis=None)),
        (
            neighbours,
            "_score",
            lambda game: neighbours.neighbour_scores(
                fitted("knn p=3").members_["knn p=3"]["model"], np.tile(game.rows, 2)[:, :7]
            ),
        ),
    ],
)
def test_compiled_kernels_give_the_same(module, names, values, compiled):
    plain = values(small_game())
    compiled(module, *names.split())
    np.testing.assert_allclose(values(small_game()), plain, rtol=1e-12, atol=1e-14)
