"""What products offer: relationship.json, read whole or refused with the field."""

import pytest

from hub.products import ProductFileError
from hub.relation.offering import load, read_offering
from tests.hub.relating import FOLDER, PRODUCTS
from tools.factory.offered import check_offering


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ([], "an object is wanted"),
        ({"servces": []}, "servces is not known"),
        ({"services": {}}, "services: a list"),
        ({"services": [{"counter": "cups"}]}, r"services\[0\]: title is missing, text is missing"),
        ({"services": [{"counter": "cups", "title": "a", "text": "b"}]}, "no counter with"),
        (
            {"services": [{"counter": "since_descaling", "title": "", "text": "b"}]},
            "title: a text of 1 to 40",
        ),
        ({"questions": [{"id": "a", "text": "?"}]}, "either a setting"),
        ({"questions": [{"id": "a", "text": "?", "setting": "sugar"}]}, "sugar"),
        ({"questions": [{"id": "a", "text": "?", "preference": "fun"}]}, "fun"),
        ({"questions": [{"id": "A", "text": "?", "setting": "volume"}]}, "id: 1 to 24"),
        (
            {"questions": [{"id": "a", "text": "?", "setting": "volume", "after_visits": -1}]},
            "after_visits: a whole number",
        ),
        ({"questions": [{"id": "a", "text": "?", "setting": "volume"}] * 2}, "the same id"),
    ],
)
def test_a_relationship_json_that_cannot_be_used_says_which_field(told, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_offering(told, PRODUCTS["espresso"])


def test_rapport_check_finds_what_is_wrong_with_it(tmp_path):
    made = PRODUCTS["espresso"]
    assert check_offering(tmp_path, made) == [], "it need not be there"
    (tmp_path / "relationship.json").write_text('{"services": 5}')
    (found,) = check_offering(tmp_path, made)
    assert found.where == "relationship.json" and "a list of at most 32" in found.what
    assert check_offering(FOLDER / "espresso", made) == []


def test_a_bad_file_names_itself_and_a_product_without_one_still_has_its_counters(tmp_path):
    folder = tmp_path / "espresso"
    folder.mkdir()
    (folder / "relationship.json").write_text("[]")
    with pytest.raises(ProductFileError, match=r"relationship\.json: an object"):
        load([tmp_path], PRODUCTS)
    (folder / "relationship.json").unlink()
    (one,) = load([tmp_path], PRODUCTS)["espresso"].services
    assert (one.title, one.at, one.ahead_days) == ("Since descaling", 200, 0)
    assert load([FOLDER], PRODUCTS)["lamp"].services == ()
