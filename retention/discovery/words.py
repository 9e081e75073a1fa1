"""Found segments in words: pure functions of what the stages wrote, for pictures and pages."""

import pandas as pd

from retention.discovery.cuts import ABOVE
from retention.discovery.subgroups import Condition, parse_rule
from retention.texts import Texts

_DIGITS = 6  # enough to show a limit as it is: rounded, it might pass a customer


def cut_text(column: str, direction: str, cut: float, texts: Texts) -> str:
    """Return the risky side of a cut in words."""
    template = texts.get("cuts", "above" if direction == ABOVE else "at_most")
    return template.format(column=texts.column(column), cut=texts.number(cut, _DIGITS))


def rule_text(rule: str, texts: Texts) -> str:
    """Return the rule of a found subgroup in words."""
    parts = [_condition(condition, texts) for condition in parse_rule(rule)]
    return texts.get("discovered", "and").join(parts)


def cluster_text(reasons: pd.DataFrame, texts: Texts) -> str:
    """Return the reasons of one cluster in words.

    A number stands as the members' median beside that of all customers, a category as the members'
    commonest value with its shares. `reasons` are the cluster's rows of data/discover/reasons.csv.
    """
    parts = []
    for reason in reasons.to_dict("records"):
        if pd.isna(reason["commonest"]):
            value, typical = texts.number(reason["median"]), texts.number(reason["usual_median"])
        else:
            share = texts.percent(reason["share"])
            value = f"{texts.value(str(reason['commonest']))} {share}"
            typical = texts.percent(reason["usual_share"])
        direction = "raises" if reason["raises"] else "lowers"
        parts.append(
            texts.get("discovered", "reasons", "reason").format(
                label=texts.column(str(reason["column"])),
                value=value,
                typical=typical,
                direction=texts.get("discovered", "reasons", direction),
            )
        )
    name = "one" if len(parts) == 1 else "several"
    return texts.get("discovered", "reasons", name).format(reasons="; ".join(parts))


def descriptions(found: pd.DataFrame, reasons: pd.DataFrame, texts: Texts) -> list[str]:
    """Return each row of data/discover/found.csv in words."""
    return [
        rule_text(row["rule"], texts)
        if row["kind"] == "subgroup"
        else cluster_text(reasons[reasons["name"] == row["name"]], texts)
        for row in found.to_dict("records")
    ]


def _condition(condition: Condition, texts: Texts) -> str:
    if isinstance(condition.value, str):
        name, value = "is", texts.value(condition.value)
    else:
        name = "at_most" if condition.relation == "<=" else "more_than"
        value = texts.number(condition.value, _DIGITS)
    template = texts.get("discovered", name)
    return template.format(label=texts.column(condition.column), value=value)
