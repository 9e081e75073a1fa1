"""Encoding and scaling: learnt from training alone, and traceable to the shop's columns."""

import numpy as np
import pandas as pd
import pytest
from shop import CONTRACT

from retention.models.preprocessing import Columns, column_positions, preprocessing

COLUMNS = (["pages", "share"], ["tier", "category"])
TRAIN = pd.DataFrame(
    {
        "category": ["b", "a", "c", "a"],
        "pages": [2.0, 4.0, 6.0, 12.0],
        "tier": ["x", "y", "x", "y"],
        "share": [0.0, 0.5, 0.5, 1.0],
    }
)


@pytest.mark.parametrize(
    ("scaler", "expected"),
    [
        ("standard", (np.array([2, 4, 6, 12]) - 6) / np.sqrt((16 + 4 + 0 + 36) / 4)),
        ("min-max", [0, 0.2, 0.4, 1]),
        ("robust", (np.array([2, 4, 6, 12]) - 5) / (7.5 - 3.5)),
    ],
)
@pytest.mark.parametrize("encoder", ["one-hot", "ordinal"])
def test_numbers_are_scaled(encoder, scaler, expected):
    encoded = preprocessing(COLUMNS, encoder, scaler).fit_transform(TRAIN)
    np.testing.assert_allclose(encoded[:, 0], expected)


def test_a_category_becomes_a_column_of_zeros_and_ones_for_each_value():
    encoded = preprocessing(COLUMNS, "one-hot", "standard").fit_transform(TRAIN)
    assert encoded[:, 2:].tolist() == [
        [1, 0, 0, 1, 0],
        [0, 1, 1, 0, 0],
        [1, 0, 0, 0, 1],
        [0, 1, 1, 0, 0],
    ]


def test_ordinal_codes_are_scaled_like_numbers():
    encoded = preprocessing(COLUMNS, "ordinal", "min-max").fit_transform(TRAIN)
    assert encoded[:, 2:].tolist() == [[0, 0.5], [1, 0], [0, 1], [1, 0]]


@pytest.mark.parametrize(("encoder", "expected"), [("one-hot", [0, 0, 0]), ("ordinal", [-0.5])])
def test_a_category_that_training_did_not_have_is_no_error(encoder, expected):
    fitted = preprocessing(COLUMNS, encoder, "min-max").fit(TRAIN)
    encoded = fitted.transform(TRAIN.assign(category="new"))
    assert encoded[0, -len(expected) :].tolist() == expected


@pytest.mark.parametrize("scaler", ["standard", "min-max", "robust"])
@pytest.mark.parametrize("encoder", ["one-hot", "ordinal"])
def test_new_rows_change_nothing_in_how_others_are_encoded(encoder, scaler):
    fitted = preprocessing(COLUMNS, encoder, scaler).fit(TRAIN)
    extreme = TRAIN.assign(pages=[2.0, 4.0, 6.0, 1e9], category=["b", "a", "c", "new"])
    assert fitted.transform(extreme)[:3].tolist() == fitted.transform(TRAIN)[:3].tolist()


@pytest.mark.parametrize(
    ("encoder", "owners"),
    [
        ("one-hot", ["pages", "share", "tier", "tier", "category", "category", "category"]),
        ("ordinal", ["pages", "share", "tier", "category"]),
    ],
)
def test_every_encoded_column_is_traced_to_the_column_it_is_made_of(encoder, owners):
    fitted = preprocessing(COLUMNS, encoder, "standard").fit(TRAIN)
    names = list(TRAIN.columns)
    assert [names[position] for position in column_positions(fitted, names)] == owners


REVENUES = pd.DataFrame(
    {
        "revenue_before_previous": [1.0, 2.0, 4.0],
        "revenue_previous": [2.0, 2.0, 5.0],
        "revenue_current": [4.0, 1.0, 7.0],
        "service_errors": [0.0, 1.0, 2.0],
        "tier": ["x", "y", "x"],
    }
)
REVENUE_COLUMNS = Columns(
    [*REVENUES.columns[:4]], ["tier"], CONTRACT.groups["behavioural"], CONTRACT.derived
)


def test_the_behavioural_subset_leaves_out_categories_and_other_numbers():
    fitted = preprocessing(REVENUE_COLUMNS, "one-hot", "standard", "behavioural").fit(REVENUES)
    encoded = fitted.transform(REVENUES)
    assert encoded.shape == (3, 3)
    changed = REVENUES.assign(service_errors=9.0, tier="z")
    assert fitted.transform(changed).tolist() == encoded.tolist()
    names = list(REVENUES.columns)
    assert column_positions(fitted, names).tolist() == [0, 1, 2]


def test_the_engineered_subset_adds_differences_and_sums_over_months():
    fitted = preprocessing(REVENUE_COLUMNS, "one-hot", "min-max", "engineered").fit(REVENUES)
    added = fitted.transform(REVENUES)[:, 6:]
    changes, before, sums = [2, -1, 2], [1, 0, 1], [7, 5, 16]  # minutes are not among the columns
    expected = [
        [(value - min(row)) / np.ptp(row) for value in row] for row in (changes, before, sums)
    ]
    np.testing.assert_allclose(added, np.transpose(expected))
    with pytest.raises(ValueError, match="no single owner"):
        column_positions(fitted, list(REVENUES.columns))


def test_a_missing_number_is_filled_with_the_median_of_training():
    columns = Columns(["pages"], [], imputed=["pages"])
    training = pd.DataFrame({"pages": [1.0, np.nan, 3.0, 100.0]})
    fitted = preprocessing(columns, "one-hot", "min-max").fit(training)
    known, unknown = fitted.transform(pd.DataFrame({"pages": [3.0, np.nan]}))
    assert unknown == known  # the median of 1, 3 and 100


def test_without_imputed_columns_nothing_is_filled():
    columns = Columns(["pages"], [])
    fitted = preprocessing(columns, "one-hot", "min-max").fit(pd.DataFrame({"pages": [1.0, 2.0]}))
    assert np.isnan(fitted.transform(pd.DataFrame({"pages": [np.nan]}))).all()
