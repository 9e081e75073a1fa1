"""Compare who was to be contacted with the control group, and learn from it."""

import sys
from pathlib import Path
from typing import Any

import pandas as pd

from retention.campaign.measurement.balance import balance
from retention.campaign.measurement.learned import (
    Learned,
    learned_offer,
    origin,
    read_learned,
    refuse_taught,
    write_learned,
)
from retention.campaign.measurement.lessons import lessons
from retention.campaign.measurement.measure import as_campaign, judged, lines, overall
from retention.campaign.measurement.page import Facts, page
from retention.campaign.measurement.received import description, read_returned
from retention.campaign.measurement.returned import (
    CONTACTED,
    Names,
    compliance,
    matched,
    refuse_contaminated,
)
from retention.campaign.measurement.sent import LIST, PLAN, Sent, read_sent
from retention.charts.measure import picture
from retention.contract.columns import CUSTOMER_ID, PROBABILITY, PROFIT
from retention.harness.files import read_json, write_bytes, write_csv, write_json
from retention.harness.stage import run
from retention.texts import read_texts
from stages.parameters.measure import Params

EFFECTS = ["by", "part", "outcome", "estimate", "value", "low", "high", "p_holm"]
SIZES = ["contacted", "control", "contacted_mean", "control_mean"]


def main(params: Params) -> None:
    """Write campaign/metrics/measure.json, campaign/plots/measure/, measure.md and learned.yaml."""
    folder = Path(params.folder)
    sent = read_sent(folder)
    plan, before = sent.plan, read_learned(folder / "learned.yaml")
    refuse_taught(plan.assumptions, params.campaign, params.sent, str(folder / PLAN))
    figures: dict[str, Any] = {"listed": len(sent.listed), "learns": sent.learns}
    effects, learned = pd.DataFrame(columns=[*EFFECTS, *SIZES]), before
    if sent.learns:
        both, came_back = _came_back(sent, params)
        months = plan.horizon_months
        costs = {name: each.cost.mean for name, each in plan.assumptions.channels.items()}
        campaign = as_campaign(both, months, costs)
        found = overall(campaign, plan.confidence)
        told = judged(campaign, plan.expected_increment or 0.0, plan.confidence)
        known = both[[PROBABILITY, PROFIT]].dropna(axis="columns")
        alike = balance(known, campaign.contacted, campaign.groups, plan.confidence)[1]
        figures |= {**found, "verdict": told["money"], "personal": told["personal"]}
        figures |= {"balance_p": alike, "compliance": came_back}
        effects = lines(campaign, found, plan.confidence)
        taught = lessons(campaign, both, plan, origin(params.campaign, params.sent))
        offers = {
            name: learned_offer(params.campaign, params.sent, one) for name, one in taught.items()
        }
        learned = Learned(offers={**before.offers, **offers})
    else:
        sys.stderr.write(f"{folder}: nobody was in control, so nothing can be learnt.\n")

    target = Path("campaign")
    texts = read_texts(params.language, read_json(Path("data/check/titles.json")))
    write_learned(target / "learned.yaml", learned)
    write_json(Path("campaign/metrics/measure.json"), figures)
    write_csv(Path("campaign/plots/measure/effects.csv"), effects[[*EFFECTS, *SIZES]], digits=4)
    drawn = Path("campaign/plots/measure/effects.png")
    picture(drawn, effects, plan.confidence, texts)
    facts = Facts(
        params.campaign,
        params.sent,
        plan.confidence,
        plan.horizon_months,
        drawn.relative_to(target).as_posix(),
    )
    words = page(facts, figures, effects, learned, texts)
    write_bytes(Path("campaign/measure.md"), words.encode("utf-8"))


def _came_back(sent: Sent, params: Params) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the list beside the file that came back, and what happened to it."""
    file = Path(params.returned.file)
    described = description(params.tables, params.roles, params.returned.contacted)
    names = Names(
        str(Path(params.folder) / LIST),
        str(file),
        CUSTOMER_ID,
        described.columns[CONTACTED].header,
    )
    returned = read_returned(file, described, params.roles, params.repairs)
    both = matched(sent.listed, returned, names)
    refuse_contaminated(both, names)
    return both, compliance(sent.listed, both, len(returned), names, sent.plan.confidence)


if __name__ == "__main__":
    run(main, Params)
