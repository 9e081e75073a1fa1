"""The shipped contract, and what tests need of it by name."""

import shutil
from pathlib import Path

from imports import ROOT

from retention import texts
from retention.contract.schema import LABELS, read_contract
from retention.contract.schema import NUMBERS as KINDS
from retention.harness.files import write_json
from retention.texts import Texts

CONTRACT = read_contract(ROOT / "contract.yaml")
TITLES = CONTRACT.titles
NUMBERS = tuple(CONTRACT.features(KINDS))
CATEGORIES = tuple(CONTRACT.features(LABELS))
RULE_COLUMNS = tuple(CONTRACT.rule_columns)
SERIES = CONTRACT.roles.series
REVENUES, MINUTES = (tuple(columns) for columns in SERIES.values())
OUTCOME = CONTRACT.roles.outcome
ROLES = CONTRACT.roles
COLUMNS = CONTRACT.columns


def write_words(folder: Path) -> None:
    """Write what stages read of words: texts/ and, as `check` does, the shipped titles."""
    shutil.copytree(ROOT / "texts", folder / "texts")
    titles = {language: words.model_dump() for language, words in TITLES.items()}
    write_json(folder / "data/check/titles.json", titles)


def read_texts(language: str) -> Texts:
    """Read the texts of a language with the shipped titles."""
    return texts.read_texts(language, TITLES)
