"""The shipped contract, and what tests need of it by name."""

from imports import ROOT

from retention.contract.schema import LABELS, read_contract
from retention.contract.schema import NUMBERS as KINDS

CONTRACT = read_contract(ROOT / "contract.yaml")
TITLES = CONTRACT.titles
NUMBERS = tuple(CONTRACT.features(KINDS))
CATEGORIES = tuple(CONTRACT.features(LABELS))
RULE_COLUMNS = tuple(CONTRACT.rule_columns)
SERIES = CONTRACT.roles.series
REVENUES, MINUTES = (tuple(columns) for columns in SERIES.values())
OUTCOME = CONTRACT.roles.outcome
