"""The language of what people read, by itself: the plots need it without the report."""

from typing import Annotated, Literal

from retention.contract.schema import Titles
from retention.harness.parameters import At

Language = Annotated[Literal["ru", "en"], At("report.language")]
ShopTitles = Annotated[dict[Literal["ru", "en"], Titles], At("contract.yaml:titles")]
