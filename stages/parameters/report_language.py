"""The language of what people read, by itself: the plots need it without the report."""

from typing import Annotated, Literal

from retention.harness.parameters import At

Language = Annotated[Literal["ru", "en"], At("report.language")]
