"""params.yaml: read as YAML 1.2, and each mistake told in a sentence that names its place."""

import copy
import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
import yaml
from imports import ROOT
from shop import CONTRACT

import stages.parameters
from retention.harness.errors import UserError
from retention.harness.parameters import At, Section, Share, declared, load
from retention.harness.yaml12 import read_yaml
from stages.parameters.whole import check_contract, rules_of_nobody
from stages.parameters.whole import check_parameters as check

SHIPPED = ROOT / "params.yaml"


def written(folder: Path, text: str) -> Path:
    file = folder / "params.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-05", 1e-05),  # as DVC writes it
        ("1e5", 100_000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-.5", -0.5),
        ("+1.5E+3", 1500.0),
        (".inf", float("inf")),
        ("010", 10),
        ("-7", -7),
        ("0", 0),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("12:30", "12:30"),
        ("2024-01-31", "2024-01-31"),
        ("1_000", "1_000"),
        (".", "."),
        ("'1'", "1"),
        ("нет", "нет"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(tmp_path, text, value):
    found = read_yaml(written(tmp_path, f"key: {text}\n"))["key"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a: 1\nb: 2\na: 3\n", ["the key 'a' stands twice", "line 1"]),
        ("a:\n  b: 1\n  b: 1\n", ["the key 'b' stands twice", "line 2"]),
        ("a: [1\n", ["is not valid YAML"]),
        ("a:\n\tb: 1\n", ["is not valid YAML", "line 2"]),
        ("a: !!python/object/apply:os.getcwd []\n", ["is not valid YAML", "tag"]),
        ("a: 1\n---\nb: 2\n", ["is not valid YAML"]),
    ],
)
def test_what_is_no_yaml_is_refused_naming_the_line(tmp_path, text, parts):
    with pytest.raises(UserError) as caught:
        read_yaml(written(tmp_path, text))
    for part in ["params.yaml", *parts]:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_how_to_restore_it(tmp_path):
    with pytest.raises(UserError, match=r"params\.yaml is missing: restore it"):
        read_yaml(tmp_path / "params.yaml")


def test_a_file_that_an_editor_saved_in_cp1251_is_refused(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_bytes("meant: стандарт\n".encode("cp1251"))
    with pytest.raises(UserError, match="UTF-8"):
        read_yaml(file)


def test_the_shipped_file_is_right():
    check(SHIPPED)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path):
    text = SHIPPED.read_text(encoding="utf-8")
    file = tmp_path / "params.yaml"
    file.write_bytes(("\ufeff" + text.replace("\n", "\r\n")).encode())
    check(file)
    assert read_yaml(file) == read_yaml(SHIPPED)


def at(content: Any, keys: list[str]) -> Any:
    for key in keys:
        content = content[int(key) if isinstance(content, list) else key]
    return content


def changed(folder: Path, path: str, value: Any = None, *, delete: bool = False) -> Path:
    """Write the shipped parameters with one of them changed."""
    content = copy.deepcopy(read_yaml(SHIPPED))
    *parents, last = path.split(".")
    parent = at(content, parents)
    if delete:
        del parent[last]
    else:
        parent[int(last) if isinstance(parent, list) else last] = value
    return written(folder, yaml.safe_dump(content, allow_unicode=True, sort_keys=False))


def complaint(file: Path) -> str:
    """Return what the stage `check` says of a file of parameters, beside the shipped contract."""
    with pytest.raises(UserError) as caught:
        check_contract(check(file), ROOT / "contract.yaml")
    message = str(caught.value)
    assert "params.yaml" in message
    assert "Traceback" not in message
    return message


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("seed", "42", "'seed' should be a valid integer, but it is '42'"),
        ("seed", -1, "'seed' should be greater than or equal to 0"),
        ("seed", 2**32, "'seed' should be less than"),
        ("seed", True, "'seed' should be a valid integer"),
        ("confidence", 95, "'confidence' should be less than 1"),
        ("confidence", "0.95", "'confidence' should be a valid number"),
        ("data.source", 5, "'data.source' should be a valid string"),
        ("simulate.customers", 1, "'simulate.customers' should be greater than or equal to"),
        ("prepare.revenue_limit", "much", "'prepare.revenue_limit' should be a valid number"),
        ("features.numbers", [], "'features.numbers' is empty"),
        ("features.numbers", ["promo_share", "promo_share"], "'features.numbers' repeats a value"),
        ("features.categories", ["promo_share"], "'features.categories' names 'promo_share'"),
        ("explore.bins", 2.5, "'explore.bins' should be a valid integer"),
        ("explore.collinearity_limit", 1, "'explore.collinearity_limit' should be less than 1"),
        ("draw.histogram_bins", 4, "'draw.histogram_bins' should be greater than or equal to 5"),
        ("split.folds", 1, "'split.folds' should be greater than or equal to 3"),
        ("split.largest_group", 0, "'split.largest_group' should be greater than 0"),
        ("split.same_customer", [[]], "'split.same_customer.0' is empty"),
        ("split.same_customer", ["promo_share"], "'split.same_customer.0' should be a valid list"),
        ("families", {}, "'families' is empty"),
        ("families.knn", None, "'families.knn' should be a valid dictionary"),
        (
            "families.forest",
            {},
            "'families.forest' is no known family: use one of boosting, extra_trees",
        ),
        ("families.knn.n_neighbors", [], "'families.knn.n_neighbors' is empty"),
        ("families.knn.n_neighbors", 5, "'families.knn.n_neighbors' should be a valid list"),
        ("families.knn.n_neighbors", [5, 2.5], "'families.knn.n_neighbors.1' should be"),
        ("families.svc.scaler", ["minmax"], "'families.svc.scaler.0' should be"),
        ("families.tree.max_depth", [3, 3], "'families.tree.max_depth' repeats a value"),
        ("train.threshold", "f2", "'train.threshold' should be 'f1' or 'youden'"),
        ("train.pull", -1, "'train.pull' should be greater than or equal to 0"),
        ("choose.members", {}, "'choose.members' is empty"),
        ("choose.members.svc", -0.5, "'choose.members.svc' should be greater than or equal to 0"),
        ("families.knn.answer", "mean", "'families.knn.answer' should be 'best' or 'average'"),
        ("search.race.share", 0, "'search.race.share' should be greater than 0"),
        ("evaluate.bootstrap_samples", 10, "'evaluate.bootstrap_samples' should be greater"),
        ("explain.permutations", 0, "'explain.permutations' should be greater than or equal"),
        ("segment.rules", {}, "'segment.rules' is empty"),
        ("segment.risk_cuts", [0.7, 0.3], "'segment.risk_cuts' should rise from each value"),
        ("segment.risk_cuts", [0.5, 1.0], "'segment.risk_cuts.1' should be less than 1"),
        ("segment.profit_quantiles", [], "'segment.profit_quantiles' is empty"),
        ("segment.rules.new", 5, "'segment.rules.new' should be a valid string"),
        ("segment.rules.new", "promo_share >", "'segment.rules.new': the rule «promo_share >»"),
        ("segment.rules.new", "promo > 0.5", "did you mean «promo_share»"),
        ("phrase.least_reason", -0.1, "'phrase.least_reason' should be greater than or equal to 0"),
        ("phrase.controllable.service_errors", [], "'phrase.controllable.service_errors' is empty"),
        (
            "phrase.controllable.service_errors",
            ["hihg"],
            "'phrase.controllable.service_errors' names 'hihg', which isn't among low, typical, "
            "high; did you mean 'high'?",
        ),
        ("phrase.controllable.pages_per_visits", ["low"], "did you mean 'pages_per_visit'?"),
        ("offer.contact", "activity == 'Снизилась'", "'offer.contact': the rule"),
        ("offer.catalogue", {}, "'offer.catalogue' is empty"),
        ("offer.catalogue.cart_discount.when", "decline", "'offer.catalogue.cart_discount.when'"),
        ("offer.catalogue.cart_discount.cost", -1, "'offer.catalogue.cart_discount.cost' should"),
        ("offer.catalogue.cart_discount.channels", ["sms"], "cart_discount.channels.0' should be"),
        ("offer.kept_share.expected", 0.9, "'offer.kept_share' should have low ≤ expected ≤ high"),
        ("offer.kept_share.low", 0, "'offer.kept_share.low' should be greater than 0"),
        ("offer.horizon_months", 0, "'offer.horizon_months' should be greater than 0"),
        ("report.language", "de", "'report.language' should be 'ru' or 'en'"),
    ],
)
def test_a_wrong_value_is_told_by_its_place_and_what_it_should_be(tmp_path, path, value, what):
    message = complaint(changed(tmp_path, path, value))
    assert what in message
    assert "\n" not in message


@pytest.mark.parametrize("name", ["customer_id", "activity", "decline", "monthly_profit"])
def test_the_model_may_not_see_the_id_the_outcome_or_the_profit(tmp_path, name):
    message = complaint(changed(tmp_path, "features.numbers", ["promo_share", name]))
    assert f"'features.numbers' names '{name}', which isn't among" in message


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("sed", "has the unknown key 'sed': did you mean 'seed'?"),
        ("split.fold", "'split' has the unknown key 'fold': did you mean 'folds'?"),
        ("families.knn.n_neighbours", "'families.knn' has the unknown key 'n_neighbours': did you"),
        ("offer.contact_cost.sms", "'offer.contact_cost' has the unknown key 'sms': known here"),
        (
            "train.calibration",
            "'train' has the unknown key 'calibration': known here are pull, threshold",
        ),
        ("families.tree.criterion", "'families.tree' has the unknown key 'criterion'"),
        ("report.zzz", "'report' has the unknown key 'zzz': known here are language."),
    ],
)
def test_an_unknown_key_is_told_with_a_hint(tmp_path, path, hint):
    assert hint in complaint(changed(tmp_path, path, 1))


@pytest.mark.parametrize(
    "path",
    [
        "seed",
        "families",
        "split.folds",
        "families.knn.p",
        "offer.kept_share.low",
        "offer.catalogue.cart_discount.when",
        "report.language",
    ],
)
def test_a_missing_key_is_told_by_its_place(tmp_path, path):
    assert f"'{path}' is missing: add it" in complaint(changed(tmp_path, path, delete=True))


def test_every_mistake_has_a_line_of_its_own(tmp_path):
    content = read_yaml(changed(tmp_path, "confidence", 95))
    content["split"]["repeats"] = 0
    lines = complaint(written(tmp_path, yaml.safe_dump(content, allow_unicode=True))).splitlines()
    assert len(lines) == 2
    assert "'confidence'" in lines[0]
    assert "'split.repeats'" in lines[1]


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        pytest.param(
            "families.svc.gamma",
            ["scal"],
            "'families.svc.gamma.0' should be",
        ),
        pytest.param(
            "split.same_customer",
            [["days_since_registratoin"]],
            "'split.same_customer",
        ),
        pytest.param(
            "offer.horizon_months",
            float("inf"),
            "'offer.horizon_months'",
        ),
        pytest.param(
            "choose.members",
            {"extra_trees": 1.0, "forest": 1.0},
            "'choose.members' names 'forest', which isn't among 'families'",
        ),
        pytest.param(
            "choose.members",
            {"extra_trees": 0.0},
            "'choose.members' has no share above 0",
        ),
        pytest.param(
            "choose.insurance",
            {"forest": 10.0},
            "'choose.insurance' names 'forest', which isn't among 'families'",
        ),
        pytest.param(
            "choose.insurance",
            {"mixture": 10.0},
            "'choose' names 'mixture' among members and as an insurance",
        ),
        pytest.param(
            "search.race.folds",
            9,
            "'search.race.folds' is 9, but 'split.folds' is 5",
        ),
    ],
)
def test_a_mistake_that_only_a_later_stage_would_meet_is_told_at_once(tmp_path, path, value, what):
    message = complaint(changed(tmp_path, path, value))
    assert what in message
    assert "\n" not in message


@pytest.mark.parametrize("text", ["", "- seed\n", "42\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text):
    assert "should be" in complaint(written(tmp_path, text))


class Example(Section):
    """What an example stage reads."""

    confidence: Share
    folds: Annotated[int, At("split.folds")]
    grid: Annotated[dict[str, Any], At("families.{item}")]


EXAMPLE = "confidence: 0.9\nsplit:\n  folds: 7\nfamilies:\n  knn:\n    p: [1]\nother: wrong\n"


def test_a_stage_reads_what_it_declares_and_no_more(tmp_path):
    found = load(Example, "knn", written(tmp_path, EXAMPLE))
    assert (found.confidence, found.folds, found.grid) == (0.9, 7, {"p": [1]})


def test_a_stages_mistakes_are_told_by_their_place_in_the_file(tmp_path):
    file = written(tmp_path, EXAMPLE.replace("7", "seven"))
    with pytest.raises(UserError, match=r"'split\.folds' should be a valid integer.*'seven'"):
        load(Example, "knn", file)


@pytest.mark.parametrize(
    ("item", "removed", "path"),
    [("knn", "  folds: 7\n", "split.folds"), ("svc", "other", "families.svc")],
)
def test_what_a_stage_needs_and_the_file_lacks_is_named(tmp_path, item, removed, path):
    text = EXAMPLE.replace(removed, "  x: 1\n" if removed.startswith(" ") else "another")
    with pytest.raises(UserError, match=rf"params\.yaml lacks '{path}'"):
        load(Example, item, written(tmp_path, text))


def all_params() -> list[type[Section]]:
    modules = pkgutil.iter_modules(stages.parameters.__path__)
    found = (importlib.import_module(f"stages.parameters.{module.name}") for module in modules)
    return [module.Params for module in found if hasattr(module, "Params")]


@pytest.mark.parametrize("params", all_params(), ids=lambda params: params.__module__)
def test_every_stage_finds_what_it_declares_in_the_shipped_file(params):
    for place in declared(params, "knn").values():
        file, _, path = place.rpartition(":")
        at(read_yaml(ROOT / (file or "params.yaml")), path.split("."))
    load(params, "knn", SHIPPED)


def test_a_rule_that_names_a_value_which_nobody_can_have_is_told_with_the_nearest():
    content = copy.deepcopy(read_yaml(SHIPPED))
    assert rules_of_nobody(content, CONTRACT) == []
    content["offer"]["catalogue"]["premium_trial"]["when"] = 'service_tier == "Стандарт"'
    (told,) = rules_of_nobody(content, CONTRACT)
    assert told.startswith("offer.catalogue.premium_trial.when: ")
    assert told.endswith("did you mean 'стандарт'?")


def test_other_categories_leave_rules_that_nobody_meets(tmp_path):
    def books(contract):
        column = contract["tables"]["market_file"]["columns"]["favourite_category"]
        column["values"] = ["Книги", "Сад", "Инструмент"]
        contract["repairs"] = []

    content = read_yaml(SHIPPED)
    contract = check_contract(content, contract_with(tmp_path, books))
    places = {told.split(":")[0] for told in rules_of_nobody(content, contract)}
    assert places == {
        "segment.rules.seed_000_resilient_categories",
        "offer.catalogue.service_package.when",
    }


def contract_with(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Write the shipped contract with a change, and return its file."""
    content = read_yaml(ROOT / "contract.yaml")
    change(content)
    file = folder / "contract.yaml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("keys", "value", "what"),
    [
        ("unconfirmed", ["roles.outcome"], "nobody has confirmed roles.outcome"),
        ("roles.outcome.column", "aktivity", "'roles.outcome.column' names 'aktivity'"),
        ("roles.outcome.decline", "Снизилас", "did you mean 'Снизилась'?"),
        ("roles.consent.yes", "yes", "'roles.consent.yes' names 'yes'"),
        ("roles.profit.column", "service_tier", "'roles.profit.column' names 'service_tier'"),
        ("roles.profit.months", 0, "'roles.profit.months' should be greater than 0"),
        ("roles.series.revenue", ["revenue_current"], "'roles.series.revenue'"),
        ("groups.behavioural", ["promo_shar"], "did you mean 'promo_share'?"),
        ("derived.change", {"minutes": 1.0}, "'derived.change' names 'minutes'"),
        ("exclusions.new", "revenue_curent == 0", "did you mean «revenue_current»?"),
        ("exclusions.new", "revenue_current > limit", "'exclusions.new': the rule"),
        ("checks.new", {"rule": "always", "severity": "bad"}, "'checks.new.severity' should be"),
        ("tables.money.key", ["id"], "'tables.money' should have the key"),
        ("tables.money.columns.monthly_profit.kind", "sum", "monthly_profit.kind' should be"),
        ("tables.market_file.columns.promo_share.header", "id", "another header for each column"),
        ("tables.market_time.columns.period.periods", None, "it should list its 'periods'"),
        ("titles.de", {}, "'titles.de"),
    ],
)
def test_what_is_wrong_in_the_contract_is_told_by_its_place(tmp_path, keys, value, what):
    def change(contract):
        *parents, last = keys.split(".")
        at(contract, parents)[last] = value

    with pytest.raises(UserError) as caught:
        check_contract(read_yaml(SHIPPED), contract_with(tmp_path, change))
    assert what in str(caught.value)
    assert "contract.yaml" in str(caught.value)


def test_no_segment_and_no_offer_may_name_the_outcome(tmp_path):
    file = changed(tmp_path, "segment.rules.new", "activity == 'Снизилась'")
    assert "'segment.rules.new': the rule" in complaint(file)
