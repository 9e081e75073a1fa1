"""Rules of segments and offers: what they mean, and that nothing else is understood or run."""

import pandas as pd
import pytest
from shop import RULE_COLUMNS

from retention.harness.errors import UserError
from retention.rules import Rule

WHERE = "params.yaml: 'segment.rules.example'"
TABLE = pd.DataFrame(
    {
        "promo_share": [0.1, 0.5, 0.6, 0.9],
        "unpaid_items_3m": [0, 1, 2, 3],
        "pages_per_visit": [3, 3, 1, 9],
        "service_tier": ["стандарт", "премиум", "стандарт", "премиум"],
        "favourite_category": ["посуда", "текстиль", "посуда", "техника"],
        "monthly_profit": [5.0, 4.0, 1.0, 2.0],
        "predicted_decline": [True, True, False, True],
    },
    index=[10, 11, 12, 13],
)


def holds(text: str, table: pd.DataFrame = TABLE) -> str:
    """Return a 1 or 0 for each row."""
    found = Rule(text, RULE_COLUMNS, WHERE).holds(table)
    assert found.index.tolist() == table.index.tolist()
    return "".join(str(int(value)) for value in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("promo_share > 0.5", "0011"),
        ("promo_share >= 0.5", "0111"),
        ("promo_share < 0.5", "1000"),
        ("promo_share <= 0.5", "1100"),
        ("unpaid_items_3m == 1", "0100"),
        ("unpaid_items_3m != 1", "1011"),
        ("unpaid_items_3m > -1", "1111"),
        ("unpaid_items_3m < pages_per_visit", "1101"),
        ('service_tier == "премиум"', "0101"),
        ("service_tier != 'премиум'", "1010"),
        ('favourite_category in ["посуда", "техника"]', "1011"),
        ('favourite_category not in ["посуда", "техника"]', "0100"),
        ("unpaid_items_3m in [0, 3]", "1001"),
        ("unpaid_items_3m in (0, 3)", "1001"),
        ("predicted_decline", "1101"),
        ("not predicted_decline", "0010"),
        ("always", "1111"),
        ("not always", "0000"),
    ],
)
def test_what_a_comparison_means(text, expected):
    assert holds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # `and` before `or`, `not` before both.
        ("predicted_decline or unpaid_items_3m == 2 and promo_share < 0.1", "1101"),
        ("(predicted_decline or unpaid_items_3m == 2) and promo_share < 0.6", "1100"),
        ("not predicted_decline or promo_share > 0.8", "0011"),
        ("not (predicted_decline or promo_share > 0.8)", "0010"),
        ("not predicted_decline and promo_share > 0.5", "0010"),
        ("not unpaid_items_3m == 1", "1011"),
        ("predicted_decline and promo_share > 0.2 and pages_per_visit > 5", "0001"),
        ("promo_share < 0.2 or promo_share > 0.8 or unpaid_items_3m == 2", "1011"),
    ],
)
def test_what_binds_stronger(text, expected):
    assert holds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("monthly_profit > mean(monthly_profit)", "1100"),  # 3
        ("monthly_profit >= quantile(monthly_profit, 0.5)", "1100"),  # 3
        ("monthly_profit >= quantile(monthly_profit, 0)", "1111"),
        ("monthly_profit >= quantile(monthly_profit, 1)", "1000"),
        ("monthly_profit > quantile(monthly_profit, 0.25)", "1101"),  # 1.75
        ("predicted_decline and monthly_profit < mean(monthly_profit)", "0001"),
    ],
)
def test_mean_and_quantile_are_those_of_all_customers(text, expected):
    assert holds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Sums of profit: посуда 6, текстиль 4, техника 2.
        ("among_top(favourite_category, 1, monthly_profit, always)", "1010"),
        ("among_top(favourite_category, 2, monthly_profit, always)", "1110"),
        ("among_top(favourite_category, 9, monthly_profit, always)", "1111"),
        # Of those who pay late: посуда 1, текстиль 4, техника 2.
        ("among_top(favourite_category, 1, monthly_profit, unpaid_items_3m > 0)", "0100"),
        ("among_top(favourite_category, 2, monthly_profit, unpaid_items_3m > 0)", "0101"),
        ("not among_top(favourite_category, 1, monthly_profit, always)", "0101"),
        (
            "predicted_decline and among_top(favourite_category, 1, monthly_profit, always)",
            "1000",
        ),
    ],
)
def test_among_top_ranks_values_by_the_sum_where_the_rule_holds(text, expected):
    assert holds(text) == expected


def test_among_top_takes_equal_sums_in_alphabetical_order():
    level = TABLE.assign(monthly_profit=[1.0, 2.0, 1.0, 2.0])
    assert holds("among_top(favourite_category, 2, monthly_profit, always)", level) == "1110"


def test_a_rule_does_not_change_the_table():
    before = TABLE.copy()
    holds("not predicted_decline and among_top(favourite_category, 1, monthly_profit, always)")
    pd.testing.assert_frame_equal(TABLE, before)


def refused(text: str) -> str:
    with pytest.raises(UserError) as caught:
        Rule(text, RULE_COLUMNS, WHERE)
    message = str(caught.value)
    assert message.startswith(f"{WHERE}: the rule «{text}»")
    return message


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch hacked')",
        "promo_share > __import__('os').getpid()",
        "promo_share.__class__",
        "promo_share.mean() > 0.5",
        "TABLE.promo_share > 0.5",
        "(lambda: predicted_decline)()",
        "lambda: predicted_decline",
        "f'{promo_share}' == 'x'",
        "service_tier == f'{promo_share}'",
        "[row for row in promo_share]",
        "unpaid_items_3m in [n for n in (1, 2)]",
        "(found := predicted_decline)",
        "predicted_decline if promo_share > 0.5 else always",
        "promo_share[0] > 0.5",
        "predicted_decline & always",
        "predicted_decline | always",
        "~predicted_decline",
        "await predicted_decline",
        "unpaid_items_3m in {1, 2}",
        "unpaid_items_3m in {1: 2}",
        "unpaid_items_3m in 'one'",
        "unpaid_items_3m in [*[1]]",
        "promo_share is 1",
        "0.1 < promo_share < 0.5",
        "1 < promo_share",
        "promo_share > b'1'",
        "promo_share > 1j",
        "promo_share > None",
        "promo_share > ...",
        "promo_share > True",
        "True",
        "1",
        "'text'",
        "mean(promo_share)",
        "mean(promo_share) > 0.5",
        "promo_share > mean(promo_share, 2)",
        "promo_share > mean(column=promo_share)",
        "promo_share > mean(0.5)",
        "promo_share > max(promo_share)",
        "promo_share > quantile(promo_share)",
        "promo_share > quantile(promo_share, 1.5)",
        "promo_share > quantile(promo_share, -0.1)",
        "promo_share > quantile(promo_share, '0.5')",
        "among_top(favourite_category, 0, monthly_profit, always)",
        "among_top(favourite_category, 1.5, monthly_profit, always)",
        "among_top(favourite_category, 3, monthly_profit)",
        "among_top('favourite_category', 3, monthly_profit, always)",
        "among_top(favourite_category, 3, monthly_profit, mean(promo_share))",
        "always()",
        "promo_share > 0.5; always",
        "predicted_decline = True",
        "import os",
        "promo_share >",
        "promo_share => 0.5",
        "promo_share > 0,5",
        "promo_share > 0.5 AND predicted_decline",
        "",
        "\0",
    ],
)
def test_what_the_notation_does_not_have_is_refused_quoting_the_rule(text):
    assert refused(text).endswith("correct it.")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("(" * 5000 + "predicted_decline" + ")" * 5000, id="parentheses"),
        pytest.param("(predicted_decline and " * 5000 + "always" + ")" * 5000, id="and"),
        pytest.param("not " * 100_000 + "predicted_decline", id="not"),
        pytest.param("promo_share > " + "-" * 100_000 + "1", id="minus"),
        pytest.param(
            "not " * 1500 + "predicted_decline",
            id="not, less deep",
        ),
        pytest.param(
            "promo_share > " + "-" * 900 + "1",
            id="minus, less deep",
        ),
        pytest.param(
            "promo_share > " + "9" * 400,
            id="a number beyond all floats",
        ),
    ],
)
def test_what_is_too_deep_or_too_large_is_refused(text):
    refused(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("promo_shar > 0.5", "unknown column (did you mean «promo_share»?) at «promo_shar»"),
        ("unpaid_items > 1", "did you mean «unpaid_items_3m»?"),
        ("promo_share > mean(monthly_profits)", "did you mean «monthly_profit»?"),
        ("promo_share > qqq", "names an unknown column at «qqq»"),
        ("predicted_decline and xyz", "names an unknown column at «xyz»"),
    ],
)
def test_an_unknown_column_is_refused_with_the_nearest_one(text, hint):
    assert hint in refused(text)


@pytest.mark.parametrize(
    "text",
    [
        'activity == "Снизилась"',
        "decline == 1",
        "customer_id > 200000",
        "monthly_profit > mean(decline)",
        "among_top(customer_id, 3, monthly_profit, always)",
        "among_top(favourite_category, 3, monthly_profit, decline == 1)",
    ],
)
def test_neither_the_outcome_nor_the_id_can_be_named(text):
    assert "names an unknown column" in refused(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("service_tier > 5", "compares a text with a number"),
        ("promo_share > 'много'", "compares a text with a number"),
        ("promo_share > service_tier", "compares a text with a number"),
        ("promo_share > mean(service_tier)", "compares a text with a number"),
        ("unpaid_items_3m", "doesn't say yes or no"),
        ("promo_share", "doesn't say yes or no"),
        ("service_tier", "doesn't say yes or no"),
        ("not unpaid_items_3m", "doesn't say yes or no"),
        pytest.param(
            "not promo_share",
            "doesn't say yes or no",
        ),
        pytest.param(
            "predicted_decline and unpaid_items_3m",
            "doesn't say yes or no",
        ),
        pytest.param(
            "predicted_decline or promo_share",
            "doesn't say yes or no",
        ),
        pytest.param(
            "service_tier == 5",
            "compares a text with a number",
        ),
        pytest.param(
            'unpaid_items_3m == "2"',
            "compares a text with a number",
        ),
        pytest.param(
            'unpaid_items_3m in ["2"]',
            "compares a text with a number",
        ),
        pytest.param(
            "promo_share > quantile(service_tier, 0.5)",
            "compares a text with a number",
        ),
        pytest.param(
            "among_top(favourite_category, 1, service_tier, always)",
            "",
        ),
    ],
)
def test_what_the_table_cannot_answer_is_refused(text, what):
    rule = Rule(text, RULE_COLUMNS, WHERE)
    with pytest.raises(UserError) as caught:
        rule.holds(TABLE)
    assert str(caught.value).startswith(f"{WHERE}: the rule «{text}»")
    assert what in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["promo_share > 0.5", "promo_share <= 0.5", "promo_share != 0.5", "0.5 * promo_share < 1"],
)
def test_a_missing_value_meets_no_comparison(text):
    holey = TABLE.assign(promo_share=[0.1, None, 0.6, 0.9])
    assert not Rule(text, RULE_COLUMNS, WHERE).holds(holey).iloc[1]


def test_rules_compute_and_know_constants():
    rule = Rule("2 * pages_per_visit - 1 > limit", RULE_COLUMNS, WHERE, {"limit": 8.0})
    expected = 2 * TABLE["pages_per_visit"] - 1 > 8
    assert rule.holds(TABLE).tolist() == expected.tolist()
    assert rule.named == {"pages_per_visit"}


def test_the_alternatives_of_a_rule_are_what_stands_between_or():
    rule = Rule("promo_share > 0.5 or pages_per_visit < 3", RULE_COLUMNS, WHERE)
    first, second = rule.alternatives()
    assert (first.holds(TABLE) | second.holds(TABLE)).tolist() == rule.holds(TABLE).tolist()
    assert (first.named, second.named) == ({"promo_share"}, {"pages_per_visit"})
    alone = Rule("promo_share > 0.5 and pages_per_visit < 3", RULE_COLUMNS, WHERE)
    assert alone.alternatives() == [alone]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("always", set()),
        ("promo_share > 0.5 and not predicted_decline", {"promo_share", "predicted_decline"}),
        ("unpaid_items_3m < pages_per_visit", {"unpaid_items_3m", "pages_per_visit"}),
        ("monthly_profit > mean(promo_share)", {"monthly_profit", "promo_share"}),
        (
            "among_top(favourite_category, 1, monthly_profit, promo_share > 0)",
            {"favourite_category", "monthly_profit", "promo_share"},
        ),
        ('service_tier == "promo_share"', {"service_tier"}),
    ],
)
def test_a_rule_knows_which_columns_it_names(text, named):
    assert Rule(text, RULE_COLUMNS, WHERE).named == named
