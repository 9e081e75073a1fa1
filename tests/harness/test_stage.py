"""A stage from start to end: checked parameters in, one sentence instead of a traceback."""

import sys

import pytest
from imports import ROOT

from retention.harness import stage
from retention.harness.errors import UserError
from retention.harness.parameters import Section


class Params(Section):
    """What the stage of these tests reads."""

    confidence: float


@pytest.fixture(autouse=True)
def here(monkeypatch) -> None:
    """Run in the repository."""
    monkeypatch.chdir(ROOT)


def test_a_stage_gets_its_parameters():
    seen = []
    stage.run(seen.append, Params)
    assert 0 < seen[0].confidence < 1


def test_an_item_of_a_foreach_stage_comes_from_the_command_line(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["tune", "knn"])
    seen = []
    stage.run_item(lambda _, item: seen.append(item), Params)
    assert seen == ["knn"]


@pytest.mark.parametrize("arguments", [[], ["knn", "svc"]])
def test_a_foreach_stage_without_its_item_says_how_to_run_it(monkeypatch, arguments):
    monkeypatch.setattr(sys, "argv", ["tune", *arguments])
    with pytest.raises(SystemExit, match="usage: python -m"):
        stage.run_item(lambda *_: None, Params)


def test_an_error_of_the_user_ends_the_stage_with_its_sentence():
    def main(_):
        raise UserError("money.csv is missing.")

    with pytest.raises(SystemExit) as caught:
        stage.run(main, Params)
    assert caught.value.code == "money.csv is missing."


def test_an_error_of_ours_is_not_hidden():
    def main(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stage.run(main, Params)
