"""Labels and sentences for people, in the language of `report.language`: texts/<language>.yaml."""

import math
from pathlib import Path
from typing import Any

from retention.harness.errors import UserError
from retention.harness.yaml12 import read_yaml

FOLDER = Path("texts")
MISSING = "–"


class Texts:
    """The texts of one language."""

    def __init__(self, content: dict[str, Any], file: Path) -> None:
        self._content = content
        self._file = file

    def get(self, *keys: str) -> str:
        """Return a text by its keys. Raises UserError when it is missing."""
        return str(self._find(keys))

    def items(self, *keys: str) -> list[str]:
        """Return a list of texts by its keys. Raises UserError when it is missing."""
        return [str(item) for item in self._find(keys)]

    def _find(self, keys: tuple[str, ...]) -> Any:
        value: Any = self._content
        for key in keys:
            if not isinstance(value, dict) or key not in value:
                raise UserError(f"{self._file} lacks the text '{'.'.join(keys)}': add it.")
            value = value[key]
        return value

    def column(self, name: str) -> str:
        """Return the label of a column of data/customers.parquet."""
        return self.get("columns", name)

    def columns(self, names: Any) -> list[str]:
        """Return the labels of several columns."""
        return [self.column(name) for name in names]

    def segment(self, name: str) -> str:
        """Return the label of a segment; one that only params.yaml knows is called by its name."""
        return str(self._content["segments"].get(name, name))

    def number(self, value: float | None, digits: int = 2) -> str:
        """Return a number in the reader's notation, without needless zeros; a missing one: a dash.

        Missing is nan, or None as in JSON.
        """
        if value is None or math.isnan(value):
            return MISSING
        text = f"{value:.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        text = "0" if text == "-0" else text
        return text.replace(".", self.get("format", "decimal"))

    def percent(self, share: float | None) -> str:
        """Return a share as a percentage with one decimal; a missing one: a dash."""
        if share is None or math.isnan(share):
            return MISSING
        return f"{self.number(100 * share, 1)}\u202f%"

    def value(self, value: str) -> str:
        """Return a value of the shop's data in the reader's language, itself if none is given."""
        return str(self._content.get("values", {}).get(value, value))


def read_texts(language: str) -> Texts:
    """Read the texts of a language, `ru` or `en`."""
    file = FOLDER / f"{language}.yaml"
    return Texts(read_yaml(file), file)
