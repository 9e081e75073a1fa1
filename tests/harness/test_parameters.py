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
        ("offer.consider", "activity == 'Снизилась'", "'offer.consider': the rule"),
        ("offer.tired", "marketing > 5", "'offer.tired': the rule"),
        ("offer.catalogue", {}, "'offer.catalogue' is empty"),
        ("offer.catalogue.cart_discount.when", "decline", "'offer.catalogue.cart_discount.when'"),
        ("offer.catalogue.cart_discount.cost", -1, "'offer.catalogue.cart_discount.cost' should"),
        (
            "offer.catalogue.cart_discount.channels",
            ["sms"],
            "'offer' has 'cart_discount' by the unknown channel 'sms': known here are message, on_",
        ),
        ("offer.catalogue.cart_discount.channels", [], "cart_discount.channels' is empty"),
        (
            "offer.catalogue.cart_discount.answers",
            ["unpaid_items"],
            "'offer.catalogue.cart_discount.answers' names 'unpaid_items', which isn't among",
        ),
        ("offer.catalogue.cart_discount.minimum", -1, "cart_discount.minimum' should be greater"),
        ("offer.share_lost.low", 0.9, "'offer.share_lost.uniform' should have low < high"),
        ("offer.share_lost.high", 1.5, "'offer.share_lost' should be a share"),
        ("offer.fatigue.distribution", "normal", "'offer.fatigue' tag 'normal' found using"),
        ("offer.channels.message.cost.value", -1, "'offer.channels.message.cost' should"),
        ("offer.channels.message.capacity", 2.5, "'offer.channels.message.capacity' should be"),
        ("offer.channels", {}, "'offer.channels' is empty"),
        ("offer.budget", -1, "'offer.budget' should be greater than or equal to 0"),
        ("offer.control", 1, "'offer.control' should be less than 1"),
        ("offer.smallest_effect", 5, "'offer.smallest_effect' should be less than 1"),
        ("offer.steps", 1, "'offer.steps' should be greater than or equal to 2"),
        ("decide.lists", ["seed_002"], "'decide.lists' names 'seed_002', which isn't among"),
        ("decide.thresholds", [0.0], "'decide.thresholds.0' should be greater than 0"),
        ("decide.empc.kept", [], "'decide.empc.kept' is empty"),
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
        ("offer.channels.message.price", "message' has the unknown key 'price': known here are"),
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
        "offer.share_lost",
        "offer.catalogue.cart_discount.answers",
        "offer.catalogue.cart_discount.take_up",
        "offer.channels.on_site.needs_consent",
        "offer.catalogue.cart_discount.when",
        "report.language",
    ],
)
def test_a_missing_key_is_told_by_its_place(tmp_path, path):
    assert f"'{path}' is missing: add it" in complaint(changed(tmp_path, path, delete=True))


def test_an_offer_has_no_maximum_below_its_minimum(tmp_path):
    content = read_yaml(SHIPPED)
    content["offer"]["catalogue"]["cart_discount"] |= {"minimum": 20, "maximum": 19}
    message = complaint(written(tmp_path, yaml.safe_dump(content, allow_unicode=True)))
    assert "cart_discount.maximum' should be at least its minimum, 20, but it is 19" in message
    assert "\n" not in message


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
        ("roles.category", "period", "'roles.category' names 'period'"),
        ("roles.category", "activity", "'roles.category' names 'activity'"),
        (
            "roles.consent",
            {"column": "activity", "yes": "Снизилась"},
            "'roles.consent.column' names 'activity'",
        ),
        ("roles.outcome.column", "promo_share", "'roles.outcome.column' names 'promo_share'"),
        ("groups.behavioural", ["promo_shar"], "did you mean 'promo_share'?"),
        ("groups.imputed", ["revenue"], "'groups.imputed' names 'revenue'"),
        # A customer without an outcome would pass for one who stayed.
        ("groups.imputed", ["activity"], "'groups.imputed' names 'activity'"),
        ("derived.change", {"minutes": 1.0}, "'derived.change' names 'minutes'"),
        ("exclusions.new", "revenue_curent == 0", "did you mean «revenue_current»?"),
        ("exclusions.new", "revenue_current > limit", "'exclusions.new': the rule"),
        # Customers whose outcome nobody knows are excluded and checked in the same way.
        ("exclusions.new", "activity == 'Снизилась'", "'exclusions.new': the rule"),
        (
            "checks.new",
            {"rule": "activity == 'Снизилась'", "severity": "error"},
            "'checks.new': the rule",
        ),
        ("checks.new", {"rule": "always", "severity": "bad"}, "'checks.new.severity' should be"),
        ("repairs.0.column", "servis_tier", "'repairs' names 'servis_tier'"),
        ("repairs.0.column", "promo_share", "'repairs' names 'promo_share'"),  # no column of words
        ("repairs.0.meant", "стандратный", "'repairs' names 'стандратный'"),
        ("tables.market_file.columns.service_tier.values", [], "service_tier.values' is empty"),
        (
            "tables.market_file.columns.service_tier.values",
            ["премиум", "премиум"],
            "service_tier.values' repeats a value",
        ),
        ("tables.money.decimal", ";", "'tables.money.decimal' should be"),
        ("tables.money.separator", ";;", "'tables.money.separator' should have at most 1"),
        ("tables.money.key", ["id"], "'tables.money' should have the key"),
        ("tables.money.columns.monthly_profit.kind", "sum", "monthly_profit.kind' should be"),
        ("tables.market_file.columns.promo_share.header", "id", "another header for each column"),
        ("tables.market_time.columns.period.periods", None, "it should list its 'periods'"),
        ("titles.de", {}, "'titles.de"),
        # What an offer says to a customer has the customer's own values in it.
        ("titles.en.offers.cart_discount.title", "Your {unpaid} items", "names 'unpaid', which"),
        ("titles.en.offers.cart_discount.why", "Only {promo_share:g}", "mean 'promo_share'?"),
        ("titles.en.offers.cart_discount.why", "{} of {promo_share}", "names '', which isn't"),
        ("titles.en.offers.cart_discount.why", "A brace } alone", "names '}', which isn't"),
        # Nobody knows it of the customers whom the list is for.
        ("titles.en.offers.cart_discount.why", "{activity}", "names 'activity', which isn't"),
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


@pytest.mark.parametrize(
    "place",
    [
        "segment.rules.new",
        "segment.within_categories",
        "cut.reference.new",
        "offer.consider",
        "offer.tired",
        "offer.catalogue.cart_discount.when",
    ],
)
@pytest.mark.parametrize("text", ["activity == 'Снизилась'", "decline == 1", "customer_id == '1'"])
def test_no_rule_may_name_the_outcome_or_the_id(tmp_path, place, text):
    assert f"'{place}': the rule" in complaint(changed(tmp_path, place, text))


def test_a_cut_may_name_what_a_model_may_see_alone(tmp_path):
    file = changed(tmp_path, "cut.reference.new", "monthly_profit > 3")
    assert "'cut.reference.new': the rule" in complaint(file)


def rename(column):
    def change(contract):
        columns = contract["tables"]["market_file"]["columns"]
        columns["visits"] = columns.pop(column)

    return change


def test_parameters_that_name_what_the_contract_lacks_are_told_each_at_its_place(tmp_path):
    file = contract_with(tmp_path, rename("unpaid_items_3m"))
    with pytest.raises(UserError) as caught:
        check_contract(read_yaml(SHIPPED), file)
    lines = str(caught.value).splitlines()
    where = [line.split(" names ")[0] for line in lines]
    assert where == [
        f"{file}: 'groups.behavioural'",
        *(
            f"{file}: 'titles.{language}.offers.{offer}'"
            for language in ("ru", "en")
            for offer in ("cart_discount", "cart_reminder")
        ),
        "params.yaml: 'features.numbers'",
        "params.yaml: 'split.same_customer'",
        "params.yaml: 'phrase.controllable'",
        *(
            f"params.yaml: 'offer.catalogue.{offer}.answers'"
            for offer in ("cart_discount", "cart_reminder")
        ),
    ]
    assert all("names 'unpaid_items_3m'" in line and "visits" in line for line in lines)


def test_a_rule_that_names_what_the_contract_lacks_is_told(tmp_path):
    content = read_yaml(SHIPPED)

    def bare(contract):
        rename("service_tier")(contract)
        contract["repairs"] = []

    content["features"]["categories"].remove("service_tier")
    content["split"]["same_customer"] = []
    del content["phrase"]["controllable"]["service_tier"]
    with pytest.raises(UserError, match=r"'segment\.rules\.seed_004_standard_at_risk': the rule"):
        check_contract(content, contract_with(tmp_path, bare))


def test_a_shop_may_have_no_role_but_the_outcome(tmp_path):
    def bare(contract):
        contract["roles"] |= {"profit": None, "consent": None, "category": None, "series": {}}

    roles = check_contract(read_yaml(SHIPPED), contract_with(tmp_path, bare)).roles
    assert [names for names in roles.columns().values() if names] == [["activity"]]


def test_the_outcome_must_be_there(tmp_path):
    file = contract_with(tmp_path, lambda contract: contract["roles"].pop("outcome"))
    with pytest.raises(UserError, match=r"contract\.yaml: 'roles\.outcome' is missing"):
        check_contract(read_yaml(SHIPPED), file)


def test_a_label_of_every_period_may_be_the_category(tmp_path):
    def plans(contract):
        columns = contract["tables"]["market_time"]["columns"]
        columns["plan"] = {"header": "План", "kind": "label", "values": ["a", "b"]}
        contract["roles"]["category"] = "plan_current"

    content = read_yaml(SHIPPED)
    content["segment"]["rules"]["new"] = "plan_current == 'c'"
    contract = check_contract(content, contract_with(tmp_path, plans))
    assert contract.roles.category == "plan_current"
    (told,) = rules_of_nobody(content, contract)
    assert "no customer can have plan_current 'c'" in told


def test_what_nobody_has_confirmed_is_told_before_all_else(tmp_path):
    def guessed(contract):
        contract["unconfirmed"] = ["roles.outcome", "roles.profit"]
        contract["roles"]["category"] = "nothing"

    with pytest.raises(UserError) as caught:
        check_contract(read_yaml(SHIPPED), contract_with(tmp_path, guessed))
    assert "nobody has confirmed roles.outcome, roles.profit: look at each" in str(caught.value)
    assert "nothing" not in str(caught.value)
