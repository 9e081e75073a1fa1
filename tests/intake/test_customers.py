"""What is checked of customers as a whole, who the decliners are, and who is left out."""

from pathlib import Path

import pandas as pd
import pytest
from shop import CONTRACT, OUTCOME, REVENUES
from small_shop import TABLES

from retention.contract.schema import Check
from retention.harness.errors import UserError
from retention.intake.customers import add_target, broken_checks, exclude, implausible
from retention.intake.reading import Table
from retention.rules import Rule

LIMIT = {"revenue_limit": 50_000}
RULES = {name: Rule(text, None, name, LIMIT) for name, text in CONTRACT.exclusions.items()}


def test_class_1_is_the_decline():
    stayed = next(one for one in CONTRACT.columns[OUTCOME.column].values if one != OUTCOME.decline)
    customers = pd.DataFrame({OUTCOME.column: [OUTCOME.decline, stayed, OUTCOME.decline]})
    assert add_target(customers, OUTCOME)["decline"].tolist() == [1, 0, 1]


def with_revenues(*revenues: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(list(revenues), columns=list(REVENUES)).assign(
        customer_id=[str(number) for number in range(1, len(revenues) + 1)]
    )


def test_nobody_is_excluded_without_a_reason():
    customers = with_revenues((1.0, 2.0, 3.0), (50_000.0, 0.01, 1.0))
    kept, excluded = exclude(customers, RULES)
    pd.testing.assert_frame_equal(kept, customers)
    assert len(excluded) == 0
    assert list(excluded) == ["customer_id", "reason", "column", "value"]


@pytest.mark.parametrize(
    ("revenues", "reason", "column", "value"),
    [
        ((0.0, 2.0, 3.0), "no_revenue", "revenue_before_previous", 0.0),
        ((1.0, 0.0, 0.0), "no_revenue", "revenue_previous", 0.0),
        ((1.0, 2.0, 0.0), "no_revenue", "revenue_current", 0.0),
        ((1.0, 2.0, 106_862.2), "impossible_revenue", "revenue_current", 106_862.2),
        ((1.0, 50_000.01, 3.0), "impossible_revenue", "revenue_previous", 50_000.01),
        ((1.0, 2.0, -0.5), "impossible_revenue", "revenue_current", -0.5),
        ((0.0, 2.0, 60_000.0), "impossible_revenue", "revenue_current", 60_000.0),
    ],
)
def test_an_excluded_customer_is_listed_once_with_the_reason(revenues, reason, column, value):
    kept, excluded = exclude(with_revenues((1.0, 2.0, 3.0), revenues, (4.0, 5.0, 6.0)), RULES)
    assert kept["customer_id"].tolist() == ["1", "3"]
    assert kept.index.tolist() == [0, 1]
    assert excluded.to_dict("records") == [
        {"customer_id": "2", "reason": reason, "column": column, "value": value}
    ]


def test_nobody_left_is_refused_with_the_reasons():
    with pytest.raises(UserError, match="nobody is left of 2 customers, excluded 2 for no_revenue"):
        exclude(with_revenues((0.0, 1.0, 1.0), (1.0, 0.0, 1.0)), RULES)


CUSTOMERS = pd.DataFrame({"customer_id": ["a", "b", "c"], "visits": [1, 2, 3], "rating": [4, 1, 9]})


def test_a_median_of_another_size_is_a_warning_with_the_unit():
    visits = TABLES["clients"].columns["visits"]
    column = visits.model_copy(update={"plausible": [0.1, 1.5], "unit": "visits a week"})
    table = TABLES["clients"].model_copy(update={"columns": {"visits": column}})
    read = {"clients": Table(Path("clients.csv"), CUSTOMERS, [])}
    (note,) = implausible(CUSTOMERS, read, {"clients": table})
    assert (note.table, note.column, note.value, note.severity) == (
        *("clients", "visits", "2"),
        "warning",
    )
    assert "between 0.1 and 1.5 visits a week was expected: another unit?" in note.done
    wider = column.model_copy(update={"plausible": [0.1, 2]})
    table = table.model_copy(update={"columns": {"visits": wider}})
    assert implausible(CUSTOMERS, read, {"clients": table}) == []


def test_a_check_that_some_customers_break_warns_or_stops_as_it_is_declared():
    warning = Check(rule="visits <= rating", severity="warning")
    (note,) = broken_checks(CUSTOMERS, {"sane": warning}, Path("raw"))
    assert (note.rows, note.customer, note.severity) == (1, "b", "warning")
    assert "checks.sane" in note.why
    error = warning.model_copy(update={"severity": "error"})
    with pytest.raises(UserError, match=r"raw: .* for 1 customers, the first is b: .*checks\.sane"):
        broken_checks(CUSTOMERS, {"sane": error}, Path("raw"))
    fine = Check(rule="visits > 0", severity="error")
    assert broken_checks(CUSTOMERS, {"sane": fine}, Path("raw")) == []
