"""What went out: the list of a campaign, and the plan that was fixed before anything was sent."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field

from retention.campaign.assumptions import Assumptions
from retention.campaign.measurement.returned import CONTACT, CONTROL, refuse_other
from retention.contract.columns import CUSTOMER_ID, PROBABILITY, PROFIT
from retention.harness.errors import UserError
from retention.harness.files import read_json
from retention.harness.parameters import Section, Share, validate

LIST, PLAN = "contact_list.csv", "plan.json"
# Columns of the list that a measurement needs, besides those that its fingerprint covers.
_NEEDED = (CUSTOMER_ID, PROBABILITY, PROFIT, "segment", "offer", "channel", "group", "tired")
_DUPLICATES = "duplicates"


class Plan(Section):
    """What was fixed before anything was sent: of plan.json, what a measurement needs.

    `fixed` are the columns that the fingerprint covers, `expected_increment` is what the plan
    expected of a customer on the list over `horizon_months`, None where the shop knows no profit,
    and `assumptions` those that were in force.
    """

    fingerprint: str
    fixed: Annotated[list[str], Field(min_length=1)]
    confidence: Share
    horizon_months: Annotated[float, Field(gt=0)]
    expected_increment: float | None
    assumptions: Assumptions


@dataclass(frozen=True)
class Sent:
    """A list with its plan.

    `listed` has a row a customer: `customer_id`, `probability`, `profit` (a month; nan where the
    shop knows none), `segment`, `offer`, `channel`, `group` (contact or control), `tired` (true or
    false) and `duplicates`, the number that near-duplicates share.
    """

    listed: pd.DataFrame
    plan: Plan

    @property
    def learns(self) -> bool:
        """Whether there are both arms, without which nothing can be compared."""
        return set(self.listed["group"]) == {CONTACT, CONTROL}


def read_sent(folder: Path) -> Sent:
    """Read the list and the plan of a folder.

    Raises UserError where one of them is missing or wrong, and where the list isn't the one that
    the plan was fixed for.
    """
    listed, planned = folder / LIST, folder / PLAN
    for file in (listed, planned):
        if not file.is_file():
            raise UserError(
                f"{file} is missing: `dvc repro` makes it in offers/, and what went out is kept by "
                "`cp -r offers campaign/NAME`; 'list' in campaign/params.yaml names the folder."
            )
    content = read_json(planned)
    known = {name: content[name] for name in Plan.model_fields if name in content}
    plan = validate(Plan, known, str(planned))
    text = pd.read_csv(listed, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    for name in dict.fromkeys((*_NEEDED, _DUPLICATES, *plan.fixed)):
        if name not in text:
            raise UserError(f"{listed} lacks the column '{name}': restore the list that went out.")
    refuse_other(text[plan.fixed], plan.fingerprint, str(listed), str(planned))
    return Sent(_typed(text, listed), plan)


def _typed(text: pd.DataFrame, file: Path) -> pd.DataFrame:
    numbers = {}
    for name in (PROBABILITY, PROFIT, _DUPLICATES):
        numbers[name] = pd.to_numeric(text[name].replace("", "nan"), errors="coerce")
        wrong = numbers[name].isna() & ~text[name].isin(["", "nan"])
        if wrong.any() or (name != PROFIT and numbers[name].isna().any()):
            row = int((wrong | numbers[name].isna()).to_numpy().argmax()) + 2
            raise UserError(
                f"{file}, row {row}: '{name}' isn't a number: restore the list that went out."
            )
    groups = pd.factorize(numbers[_DUPLICATES])[0]
    listed = text[list(_NEEDED)].assign(**numbers, tired=text["tired"].str.lower() == "true")
    return listed.assign(**{_DUPLICATES: groups})
