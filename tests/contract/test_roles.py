"""What the roles bind: a shop without one loses what needs it, and nothing else."""

import pandas as pd
import pytest
from shop import ROLES

from retention.contract.roles import with_roles
from retention.contract.schema import Profit, Roles

CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["007", "08", "1"],
        "allows_messages": ["да", "нет", ""],
        "favourite_category": ["посуда", "техника", ""],
        "monthly_profit": [6.0, 3.0, -1.5],
        "probability": [0.2, 0.9, 0.6],
    }
)
NOTHING = Roles(outcome=ROLES.outcome, profit=None, consent=None, category=None, series={})


def without(**roles: object) -> pd.DataFrame:
    return with_roles(CUSTOMERS, ROLES.model_copy(update=roles))


def test_roles_stand_under_names_that_code_knows_beside_the_shops_own():
    found = with_roles(CUSTOMERS, ROLES)
    assert found["profit"].tolist() == [6.0, 3.0, -1.5]
    assert found["consent"].tolist() == [True, False, False]  # who doesn't say yes, says no
    assert found["category"].tolist() == ["посуда", "техника", ""]
    pd.testing.assert_frame_equal(found[list(CUSTOMERS)], CUSTOMERS)


def test_profit_is_a_months():
    quarter = Profit(column="monthly_profit", months=3)
    assert without(profit=quarter)["profit"].tolist() == [2.0, 1.0, -0.5]


def test_the_yes_of_a_shop_is_what_its_contract_says():
    consent = ROLES.consent.model_copy(update={"yes": "нет"})
    assert without(consent=consent)["consent"].tolist() == [False, True, False]


def test_a_shop_without_any_role_but_the_outcome_has_its_customers():
    found = with_roles(CUSTOMERS, NOTHING)
    assert found["profit"].isna().all()
    assert found["consent"].tolist() == [False] * 3
    assert found["category"].tolist() == [""] * 3
    pd.testing.assert_frame_equal(found[list(CUSTOMERS)], CUSTOMERS)


@pytest.mark.parametrize("role", ["profit", "consent", "category"])
def test_a_missing_role_costs_its_own_column_alone(role):
    found = without(**{role: None}).drop(columns=role)
    pd.testing.assert_frame_equal(found, with_roles(CUSTOMERS, ROLES).drop(columns=role))
