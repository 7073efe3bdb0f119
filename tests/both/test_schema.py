import json

from protocol.product import find, read_product
from protocol.schema import KINDS
from tests.both.vectors import load, refused


def _setting(definition):
    parts = dict(definition)
    return KINDS[parts.pop("kind")](**parts)


def test_fit_and_parse_follow_the_vectors():
    for case in load("schema")["settings"]:
        setting = _setting(case["definition"])
        for code, expected in case["fit"]:
            assert setting.fit(code) == expected, (setting.name, code)
        for value in case["bad"]:
            assert setting.name in refused(setting.fit, value)
        for value, expected in case["parse"]:
            assert setting.parse(value) == expected, (setting.name, value)
            assert setting.parse(setting.show(expected)) == expected
        for value in case["unparsable"]:
            assert setting.name in refused(setting.parse, value)


def test_a_colour_is_six_hex_digits_and_nothing_else():
    colour = KINDS["colour"]("c")
    for value in ("#-12345", "#1_2345", "#12345 ", "#1234567", "ffffff", "#gggggg"):
        refused(colour.parse, value)


def test_a_knob_stays_within_the_setting():
    for case in load("schema")["settings"]:
        setting = _setting(case["definition"])
        code = setting.start
        for detents in (1, -1, 500, -999, 3):
            code = setting.turned(code, detents)
            assert setting.fit(code) == code


def test_rungs_and_codes_are_each_others_inverse():
    for case in load("schema")["settings"]:
        setting = _setting(case["definition"])
        low, high = setting.rungs()
        for rung in (low, high, (low + high) // 2):
            assert setting.rung(setting.code(rung)) == rung


def test_the_shipped_products_read():
    for name, settings in (("lamp", 3), ("espresso", 3)):
        with open("firmware/products/%s/product.json" % name) as file:
            product = read_product(json.load(file))
        assert product.name == name
        assert len(product.settings) == settings


def _product(**changes):
    definition = {
        "product": "x",
        "settings": [{"kind": "number", "name": "n", "low": 0, "high": 9}],
    }
    definition.update(changes)
    return definition


def test_a_bad_product_is_refused_with_the_field_that_is_wrong():
    number = {"kind": "number", "name": "n", "low": 0, "high": 9}
    cases = (
        ([], "product.json"),
        (_product(product="Bad Name"), "product"),
        (_product(version=0), "version"),
        (_product(settings=[]), "settings"),
        (_product(settings="all"), "settings"),
        (_product(settings=[number] * 2), "stands twice"),
        (_product(settings=[number, 5]), "settings[1]"),
        (_product(settings=[dict(number, kind="wish")]), "settings[0]: kind"),
        (_product(settings=[dict(number, low=9)]), "settings[0]: n: low 9, high 9"),
        (_product(settings=[dict(number, low=0.5)]), "settings[0]: n.low"),
        (_product(settings=[dict(number, cost="free")]), "settings[0]: n.cost"),
        (_product(settings=[dict(number, colour="red")]), "settings[0]"),
        (_product(settings=[{"kind": "choice", "name": "c", "options": []}]), "c.options"),
        (_product(counters=[{"name": "cups", "service_at": -1}]), "counters[0]: service_at"),
    )
    for definition, expected in cases:
        text = refused(read_product, definition)
        assert expected in text, (expected, text)


def test_find_names_what_there_is():
    product = read_product(_product())
    assert find(product.settings, "n")[0] == 0
    assert "n" in refused(find, product.settings, "m")
