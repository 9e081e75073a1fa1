"""The families of models and their grids."""

from typing import Annotated, Any

from pydantic import Field

# Family → its grid. The grid's types are those of the family's module in retention/families/.
Families = Annotated[dict[str, dict[str, Any]], Field(min_length=1)]
