"""What the page says in its sections, before their tables and pictures."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from retention.campaign.plan_page import expected as plan_expected
from retention.campaign.plan_page import plan_lines
from retention.report.results import Results
from retention.statistics.intervals import rate_interval
from retention.texts import MISSING, Texts

Figure = Mapping[str, float | None]  # value, low, high


def sentences(results: Results, texts: Texts) -> dict[str, list[str]]:
    """Return the sentences of each section that has some."""
    return {
        "summary": [texts.get("report", "summary_text")],
        "what_to_do": _list(results, texts),
        "expect": expect_lines(results.expect, results.confidence, texts),
        "measurement": _measurement(results, texts),
        "prediction": _prediction(results, texts),
        "segments": _segments(results, texts),
        "discovered": _discovered(results, texts),
        "thresholds": [
            say("thresholds_text", texts, confidence=texts.percent(results.confidence)),
            *_rules_met(results, texts),
        ],
        "categories": [*_categories(results, texts), *_most_at_stake(results, texts)],
        "reasons": _reasons(results, texts),
        "caveats": _findings(results.findings, texts),
    }


def _list(results: Results, texts: Texts) -> list[str]:
    """Return whom the list is of, and what it is expected to bring over other ways to choose."""
    plan = results.plan
    if not plan["ranks"]:
        return [texts.get("report", "no_list")]
    prospects = results.campaign["prospects"]
    lines = [
        say(
            "what_to_do_text",
            texts,
            contacts=plan["customers"],
            contacted=prospects["contacted"],
            control=prospects["control"],
        )
    ]
    lines.append(texts.get("report", "no_consent" if "consent" in results.absent else "by_consent"))
    if not plan["in_money"]:
        return [*lines, texts.get("report", "no_money")]
    ways = {name: plan_expected(line, texts) for name, line in plan["over"].items()}
    single = texts.offer(plan["best_single_offer"], "name")
    shown = ("nobody", "everybody", "uninformed", "best_single_offer")
    return [
        *lines,
        say("expected_text", texts, single=single, **{name: ways[name] for name in shown}),
    ]


def _measurement(results: Results, texts: Texts) -> list[str]:
    """Return the points of the plan of measurement, and whether something was learnt before."""
    campaign = results.campaign
    points = plan_lines(
        results.plan,
        campaign["prospects"],
        fingerprint=campaign["fingerprint"],
        months=campaign["horizon_months"],
        confidence=campaign["confidence"],
        texts=texts,
    )
    learnt = "learnt_text" if results.learned.offers else "nothing_learnt"
    return [*(f"{heading}. {text}" for heading, text in points), texts.get("report", learnt)]


def expect_lines(expect: Mapping[str, Any], confidence: float, texts: Texts) -> list[str]:
    """Return whose list it is, what is to be expected of them, and how they differ.

    `expect` is metrics/expect.json.
    """
    if expect["known"]:
        return [texts.get("report", "known")]
    considered = expect["customers"]
    return [
        say("coming", texts, considered=considered),
        say(
            "expected_figures",
            texts,
            considered=considered,
            decline_rate=_share(expect["expected"]["decline_rate"], texts),
            roc_auc=_number(expect["expected"]["roc_auc"], texts),
            precision=_share(expect["expected"]["precision"], texts),
            confidence=texts.percent(confidence),
        ),
        *_drifted(expect["drift"], texts),
        *_unseen(expect["drift"]["unseen"], 1 - confidence, texts),
    ]


def _drifted(drift: Mapping[str, Any], texts: Texts) -> list[str]:
    """Return which columns drifted; they stand in the order of what that costs."""
    drifted = drift["drifted"]
    if not drifted:
        whole = ["whole_drifted"] if drift["whole"]["drifted"] else []
        lines = ["not_drifted", *whole]
        return [say(key, texts, tested=drift["tested"]) for key in lines]
    first, found = next(iter(drifted.items()))
    points = texts.number(100 * found["decline_rate"], 1)
    return [
        say(
            "drifted",
            texts,
            drifted=len(drifted),
            tested=drift["tested"],
            names=", ".join(say("quoted", texts, label=name) for name in texts.columns(drifted)),
            first=texts.column(first),
            points=points if found["decline_rate"] < 0 else f"+{points}",
        )
    ]


def _unseen(rows: Sequence[Mapping[str, Any]], level: float, texts: Texts) -> list[str]:
    """Return values that the model has learnt nothing of: new ones, and those out of range.

    Of these, one or the other is beyond by chance, in the share `level` of months: it is left out.
    """
    items = [
        say(
            f"unseen_{row['what']}",
            texts,
            label=texts.column(row["column"]),
            value=texts.value(row["value"]),
            limit=texts.number(row["limit"]),
            customers=row["customers"],
        )
        for row in rows
        if row["what"] == "new" or row["p"] <= level
    ]
    return [say("unseen", texts, items="; ".join(items))] if items else []


def say(key: str, texts: Texts, **figures: object) -> str:
    """Return a text of the page with its figures."""
    return texts.get("report", key).format(**figures)


def between(figure: Figure, texts: Texts, digits: int = 3) -> str:
    """Return `low … high`, "" without an interval."""
    low, high = (texts.number(figure[limit], digits) for limit in ("low", "high"))
    return "" if MISSING in (low, high) else f"{low} … {high}"


def _number(figure: Figure, texts: Texts) -> str:
    return _beside(texts.number(figure["value"], 3), between(figure, texts))


def _share(figure: Figure, texts: Texts) -> str:
    low, high = (texts.percent(figure[limit]) for limit in ("low", "high"))
    return _beside(
        texts.percent(figure["value"]), "" if MISSING in (low, high) else f"{low} … {high}"
    )


def _beside(value: str, interval: str) -> str:
    return f"{value} ({interval})" if interval else value


def _prediction(results: Results, texts: Texts) -> list[str]:
    """Return how well the model ranks, how true its probabilities are, and what rules would do."""
    found = results.evaluate
    rules = found["against_rules"]
    return [
        say("prediction_text", texts, folds=found["folds"], repeats=found["repeats"]),
        say(
            "prediction_ranking",
            texts,
            roc_auc=_number(found["roc_auc"], texts),
            confidence=texts.percent(results.confidence),
        ),
        *_calibration(found["calibration"]["in_the_large"], texts),
        say(
            "prediction_classes",
            texts,
            precision=_share(found["precision"], texts),
            recall=_share(found["recall"], texts),
        ),
        *(
            say(
                f"prediction_{name}",
                texts,
                roc_auc=texts.number(rules[name]["roc_auc"], 3),
                ahead=_number({**rules[name], "value": rules[name]["difference"]}, texts),
            )
            for name in ("named", "found")
        ),
    ]


def _calibration(offset: Figure, texts: Texts) -> list[str]:
    """Return whether the probabilities are too high or too low on the whole, beyond noise.

    The `offset` is what their log-odds lack. Nothing when that isn't known.
    """
    value, low, high = (offset[key] for key in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return []
    key = "low" if low > 0 else "high" if high < 0 else "exact"
    return [
        say(
            f"calibration_{key}",
            texts,
            offset=_number(offset, texts),
            corrected=texts.percent(round(_probability(value), 2)),
        )
    ]


def _discovered(results: Results, texts: Texts) -> list[str]:
    """Return how many found rules were confirmed; clusters can't be, and aren't counted."""
    rules = results.discovered[results.discovered["kind"] == "subgroup"]
    hold = int(rules["holds"].eq(True).sum())
    return [
        texts.get("report", "discovered_text"),
        say("discovered_hold", texts, hold=hold, segments=len(rules)),
    ]


def _rules_met(results: Results, texts: Texts) -> list[str]:
    """Return declines of those who meet the fewest and the most rules, found without them.

    Nothing when all meet the same number.
    """
    met = results.rules_met
    unseen = met[(met["counted"] == "found") & (met["customers"] > 0)].sort_values("rules_met")
    if len(unseen) < 2:
        return []
    fewest, most = unseen.iloc[[0, -1]].to_dict("records")
    fewest_rate, most_rate = (
        _share(rate_interval(end["declined"], end["customers"], results.confidence), texts)
        for end in (fewest, most)
    )
    return [
        say(
            "rules_met_text",
            texts,
            fewest=fewest["rules_met"],
            fewest_rate=fewest_rate,
            most=most["rules_met"],
            most_rate=most_rate,
        )
    ]


def _segments(results: Results, texts: Texts) -> list[str]:
    what = say(
        "segments_text",
        texts,
        confidence=texts.percent(results.confidence),
        least=texts.number(results.least_reason),
    )
    known = "profit" not in results.absent
    return [what, *([texts.get("report", "segments_profit")] if known else [])]


def _categories(results: Results, texts: Texts) -> list[str]:
    over_periods = [texts.get("report", "no_series")] if "series" in results.absent else []
    if results.categories.empty:
        return [texts.get("report", "no_categories"), *over_periods]
    return [
        say(
            "categories_text",
            texts,
            resilient=int(results.categories["resilient"].sum()),
            categories=len(results.categories),
            confidence=texts.percent(results.confidence),
        ),
        *over_periods,
    ]


def _most_at_stake(results: Results, texts: Texts) -> list[str]:
    """Return what is at risk where the highest bands of risk and profit meet, if anything."""
    if results.risk_profit.empty:
        return [texts.get("report", "no_profit")]
    cell = results.risk_profit.iloc[-1]
    if not cell["customers"]:
        return []
    risk, quantile = (float(cell[band].split("..")[0]) for band in ("risk", "profit_quantile"))
    return [
        say(
            "most_at_stake",
            texts,
            risk=texts.percent(risk),
            top=texts.percent(1 - quantile),
            customers=cell["customers"],
            at_risk=texts.number(cell["profit_at_risk"], 0),
        )
    ]


def _findings(findings: pd.DataFrame, texts: Texts) -> list[str]:
    """Return what the shop's files were read with, if anything."""
    if findings.empty:
        return []
    warnings = int((findings["severity"] == "warning").sum())
    return [say("findings_text", texts, findings=len(findings), warnings=warnings)]


def _reasons(results: Results, texts: Texts) -> list[str]:
    return [
        say(
            "reasons_text",
            texts,
            least=texts.number(results.least_reason),
            raised=texts.percent(round(_probability(results.least_reason), 2)),
        ),
        say(
            "reasons_counts",
            texts,
            known=results.reasons["at_least"]["1"],
            customers=results.reasons["customers"],
            controllable=texts.percent(results.reasons["controllable"]),
        ),
    ]


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))
