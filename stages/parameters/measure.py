"""Parameters of `measure`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import At
from stages.parameters.report_language import Language
from stages.parameters.returned import FILE, Campaign


class Params(Campaign):
    """What the stage reads."""

    campaign: Annotated[str, Field(min_length=1), At(f"{FILE}:campaign")]
    sent: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), At(f"{FILE}:sent")]
    language: Language
