"""A campaign that went out and came back, in a folder, for tests of what is said of it."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from campaigns import assumptions
from imports import ROOT
from shop import CONTRACT, ROLES

from retention.campaign.measurement.returned import fingerprint
from retention.harness.files import write_csv, write_json
from stages.parameters.measure import Params

FIXED = [
    "customer_id",
    "probability",
    "profit",
    "segment",
    "offer",
    "channel",
    "group",
    "tired",
    "duplicates",
]
CONTACTED = {"header": "Связались", "kind": "flag", "values": ["да", "нет"]}
MONTHS = 3.0


def params(**changes: Any) -> Params:
    """Return the parameters of the stage, some of them changed."""
    content = {
        "folder": "offers",
        "returned": {"file": "campaign/answers.csv", "contacted": CONTACTED},
        "repairs": CONTRACT.repairs,
        "roles": ROLES,
        "tables": CONTRACT.tables,
        "campaign": "spring",
        "sent": "2027-03-01",
        "language": "en",
    }
    return Params.model_validate({**content, **changes})


def listed(n: int = 900, share: float = 0.3, seed: int = 0) -> pd.DataFrame:
    """Return a list whose control group is drawn by lot."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "rank": np.arange(1, n + 1),
            "customer_id": [f"{100_000 + k:06}" for k in range(n)],
            "probability": random.beta(1.2, 1.0, n).round(4),
            "profit": random.lognormal(1.3, 0.4, n).round(2),
            "segment": np.where(random.random(n) < 0.5, "valuable_at_risk", ""),
            "offer": random.choice(["discount", "premium"], n),
            "channel": "message",
            "group": np.where(random.random(n) < share, "control", "contact"),
            "tired": random.random(n) < 0.2,
            "duplicates": np.arange(n) // 2,
        }
    )


def answers(
    sent: pd.DataFrame, kept: float = 0.8, harm: float = 0.0, reached: float = 1.0, seed: int = 1
) -> pd.DataFrame:
    """Return the shop's file: of decliners who were contacted, the share `kept` stays."""
    random = np.random.default_rng(seed)
    n = len(sent)
    contacted = (sent["group"] == "contact").to_numpy() & (random.random(n) < reached)
    would = random.random(n) < sent["probability"].to_numpy()
    luck = random.random(n)
    decline = np.where(would, ~(contacted & (luck < kept)), contacted & (luck < harm))
    profit = sent["profit"] * (1 - 0.5 * decline) * random.lognormal(0, 0.1, n)
    return pd.DataFrame(
        {
            "id": sent["customer_id"],
            "Связались": np.where(contacted, "да", "нет"),
            "Покупательская активность": np.where(decline, "Снизилась", "Прежний уровень"),
            "Прибыль": profit.round(2),
        }
    )


def write(folder: Path, sent: pd.DataFrame, came_back: pd.DataFrame | None) -> None:
    """Write list, plan, what was learnt before, and the file that came back."""
    write_csv(folder / "offers/contact_list.csv", sent, digits=4)
    text = pd.read_csv(folder / "offers/contact_list.csv", dtype=str, keep_default_na=False)
    plan = {
        "fingerprint": fingerprint(text[FIXED]),
        "fixed": FIXED,
        "confidence": 0.95,
        "horizon_months": MONTHS,
        "expected_increment": 0.3,
        "assumptions": assumptions().model_dump(),
        "prospects": {"learns": True},
    }
    write_json(folder / "offers/plan.json", plan)
    (folder / "offers/learned.yaml").write_text("# Nothing yet.\n{}\n", encoding="utf-8")
    titles = {language: words.model_dump() for language, words in CONTRACT.titles.items()}
    (folder / "data/check").mkdir(parents=True, exist_ok=True)
    (folder / "data/check/titles.json").write_text(json.dumps(titles), encoding="utf-8")
    shutil.copytree(ROOT / "texts", folder / "texts", dirs_exist_ok=True)
    (folder / "campaign").mkdir(exist_ok=True)
    if came_back is not None:
        came_back.to_csv(folder / "campaign/answers.csv", index=False)
