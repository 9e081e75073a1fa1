"""Which columns the model may see."""

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator

from retention.parameters import Section, Values

# Neither the id (the shop's file is sorted by class), nor the target, nor the profit (a result of
# the purchases) can be named here.
Number = Literal[
    "marketing_per_month_6m",
    "marketing_this_month",
    "days_since_registration",
    "promo_share",
    "categories_per_visit",
    "unpaid_items_3m",
    "service_errors",
    "pages_per_visit",
    "revenue_before_previous",
    "revenue_previous",
    "revenue_current",
    "minutes_previous",
    "minutes_current",
]
Category = Literal["service_tier", "allows_messages", "favourite_category"]


def _check_feature(name: str) -> str:
    known = (*get_args(Number), *get_args(Category))
    if name not in known:
        raise ValueError(f"should be one of {', '.join(known)}")
    return name


Feature = Annotated[str, AfterValidator(_check_feature)]


class Features(Section):
    """`features`."""

    numbers: Values[Number]
    categories: Values[Category]

    @property
    def all(self) -> list[str]:
        """Numbers, then categories: the order of columns everywhere."""
        return [*self.numbers, *self.categories]
