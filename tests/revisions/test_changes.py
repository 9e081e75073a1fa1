"""What changed between two revisions, from their parsed files."""

import math

import numpy as np
import pandas as pd

from retention.revisions import changes


def test_settings_are_told_by_dotted_key():
    before = {"seed": 1, "families": {"knn": {"k": [1, 2]}, "svc": {"C": [1.0]}}, "old": {"a": 1}}
    after = {"seed": 2, "families": {"knn": {"k": [1, 2]}, "tree": {"C": [1.0]}}, "old": {"a": 1}}
    assert changes.settings(before, after) == {
        "seed": (1, 2),
        "families.svc": ({"C": [1.0]}, changes.ABSENT),
        "families.tree": (changes.ABSENT, {"C": [1.0]}),
    }
    assert changes.settings(before, before) == {}


LOCK = {
    "tune@knn": {
        "cmd": "python -m stages.tune knn",
        "deps": [{"path": "retention/models", "md5": "1"}, {"path": "data/customers", "md5": "9"}],
        "params": {"params.yaml": {"families.knn": {"k": [1]}, "seed": 1}},
        "outs": [{"path": "data/tune/knn.csv", "md5": "5"}],
    },
    "choose": {
        "cmd": "python -m stages.choose",
        "deps": [{"path": "data/tune", "md5": "7.dir"}],
        "outs": [{"path": "data/choose/members.parquet", "md5": "6"}],
    },
    "evaluate": {
        "cmd": "python -m stages.evaluate",
        "deps": [
            {"path": "retention/models", "md5": "1"},
            {"path": "data/choose/members.parquet", "md5": "6"},
        ],
        "params": {"params.yaml": {"confidence": 0.95}},
    },
}
PARAMS = {"families": {"knn": {"k": [1]}}, "seed": 1, "confidence": 0.95}


def copy(**changed):
    return {name: {**entry, **changed.get(name, {})} for name, entry in LOCK.items()}


def test_code_is_told_with_the_stages_that_use_it_and_data_is_no_code():
    other = [{"path": "retention/models", "md5": "2"}, {"path": "data/customers", "md5": "8"}]
    after = copy(**{"tune@knn": {"deps": other}})
    assert changes.code(LOCK, after) == {"retention/models": ["tune@knn"]}
    del after["choose"]
    assert changes.code(LOCK, after)["dvc.yaml"] == ["choose"]
    assert changes.code(LOCK, LOCK) == {}


def test_figures_that_are_older_than_a_setting_are_told_over_all_stages_between():
    assert changes.stale(LOCK, PARAMS) == {}
    late = changes.stale(LOCK, {**PARAMS, "families": {"knn": {"k": [1, 2]}}})
    assert late == {stage: ["families.knn.k"] for stage in LOCK}
    assert changes.stale(LOCK, {**PARAMS, "confidence": 0.9}) == {"evaluate": ["confidence"]}


def test_figures_that_are_older_than_their_inputs_are_told():
    later = copy(choose={"outs": [{"path": "data/choose/members.parquet", "md5": "66"}]})
    assert changes.stale(later, PARAMS) == {"evaluate": ["data/choose/members.parquet"]}


def test_a_removed_family_leaves_nobody_waiting():
    assert changes.stale(LOCK, {**PARAMS, "families": {}}) == {}


def test_who_came_and_went():
    before, after = np.array([1, 1, 1, 0, 0], bool), np.array([0, 1, 1, 1, 0], bool)
    found = changes.members(before, after)
    assert found == {
        "before": 3,
        "after": 3,
        "stayed": 2,
        "came": 1,
        "went": 1,
        "share": 2 / 3,
        "jaccard": 0.5,
    }
    assert changes.listed(["a", "b", "c"], ["b", "c", "d"]) == found
    assert math.isnan(changes.members(np.zeros(3, bool), np.ones(3, bool))["share"])
    assert changes.listed([], [])["after"] == 0


def test_rows_in_common_count_repeated_ones():
    assert changes.rows_in_common(["a", "a", "b"], ["a", "b", "b", "c"]) == 2


def test_segments_that_changed_come_largest_first():
    before = {"few": {"customers": 10}, "same": {"customers": 5}, "gone": {"customers": 3}}
    after = {"few": {"customers": 11}, "same": {"customers": 5}, "new": {"customers": 40}}
    assert changes.segments(before, after) == {"new": (0, 40), "gone": (3, 0), "few": (10, 11)}


def test_columns_that_drifted_are_told_apart_from_noise():
    random = np.random.default_rng(0)

    def drawn(pages, tier, first):
        return pd.DataFrame(
            {
                "id": first + np.arange(500),
                "pages": random.normal(pages, 1, 500),
                "steady": random.normal(0, 1, 500),
                "tier": np.where(random.random(500) < tier, "a", "b"),
            }
        )

    before, after = drawn(0, 0.5, 0), drawn(0.5, 0.9, 1000)
    found = changes.columns(before, after, "id")
    assert found["column"].tolist() == ["tier", "pages"]
    assert (found["changed"] == 0).all(), "no customer is in both"
    assert changes.columns(before, before, "id").empty
    typo = before.assign(tier=before["tier"].where(before["id"] > 3, "A"))
    [row] = changes.columns(before, typo, "id").to_dict("records")
    assert (row["column"], row["changed"]) == ("tier", 4)
    dropped = changes.columns(before, before.drop(columns="steady"), "id")
    assert dropped["column"].tolist() == ["steady"]
    assert math.isnan(dropped.loc[0, "changed"])
