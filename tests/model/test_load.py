"""What catalogs become."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kraforge import types
from kraforge.errors import Mistakes
from kraforge.model.declarations import Calendar, Column, Declarations, Kpi, Link, Version
from kraforge.model.load import from_dict, load

SHOP = """\
calendar:
  timezone: Asia/Kolkata
  fiscal_year_starts: 04-01
  week_starts: sunday
parameters:
  sla_hours: 24
  active: 90 days
  rate: {versions: [{from: 2026-04-01, value: 18%}, {value: 12%}]}
tables:
  customers:
    key: customer_id
    columns: {customer_id: text, segment: {type: text, values: [SME, NO, on]}, pct: percent, vat no: text}
  invoices:
    source: billing
    table: finance.sales_invoice
    key: [company, invoice_id]
    date: posting_date
    where: status = 'posted'
    columns:
      customer_id: text
      net: money INR
      lines: {type: number, whole: true, column: line_count}
    links:
      customer: {to: customers, by: customer_id}
    fields:
      overdue:
        days(due_date, as_of)
  payers:
    members: invoices.customer_id
    links: {customer: {to: customers, by: customer_id}}
dimensions:
  segment: customers.segment
  customer: {to: customers, from: {invoices: customer, lines: invoice.`main customer`}}
functions:
  on_time(done, due): done is present and done <= due
  now(): as_of
kpis:
  revenue: sum(invoices.net)
  rate:
    title: Rate
    description: |
      What it is
      to people.
    formula: "1"
    versions: [{from: 2026-04-01, formula: "2"}]
    unit: ratio
    better: lower
    empty: missing
"""


@pytest.fixture(name="shop", scope="module")
def _shop(tmp_path_factory: pytest.TempPathFactory) -> Declarations:
    file = tmp_path_factory.mktemp("shop") / "shop.yaml"
    file.write_text(SHOP, encoding="utf-8")
    return load(file)


def test_the_calendar(shop: Declarations) -> None:
    assert (shop.calendar.timezone, shop.calendar.fiscal_year_starts, shop.calendar.week_starts) == (
        "Asia/Kolkata",
        (4, 1),
        7,
    )
    assert from_dict({}).calendar == Calendar("UTC", (1, 1), 1)


def test_parameters_are_literals(shop: Declarations) -> None:
    def written(name: str) -> list[tuple[dt.date | None, str]]:
        return [(version.start, version.value.text) for version in shop.parameters[name].versions]

    assert written("sla_hours") == [(None, "24")]
    assert written("active") == [(None, "90 days")]
    assert written("rate") == [(None, "12%"), (dt.date(2026, 4, 1), "18%")]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (24, "24"),
        (-0.5, "-0.5"),
        (1e-7, "0.0000001"),
        (Decimal("1E+3"), "1000"),
        (True, "true"),
        (dt.date(2026, 4, 1), "2026-04-01"),
        (dt.datetime(2026, 4, 1, 9, 30), "2026-04-01T09:30:00"),
        ("2026-04-01T09:30", "2026-04-01T09:30"),
        ("-100%", "-100%"),
        ("1700000 INR", "1700000 INR"),
        ("6 months", "6 months"),
        ("north", "'north'"),
        ("o'clock", "'o''clock'"),
        ("'quoted'", "'quoted'"),
        ("24", "'24'"),
        ("09:30", "'09:30'"),
        ("", "''"),
    ],
)
def test_a_parameter_is_the_text_of_one_literal(value: Any, text: str) -> None:
    assert from_dict({"parameters": {"p": value}}).parameters["p"].versions[0].value.text == text


def test_tables(shop: Declarations) -> None:
    invoices = shop.tables["invoices"]
    assert (invoices.source, invoices.table, invoices.key) == (
        "billing",
        "finance.sales_invoice",
        ("company", "invoice_id"),
    )
    assert invoices.date is not None
    assert invoices.date.text == "posting_date"
    assert invoices.where is not None
    assert invoices.where.text == "status = 'posted'"
    assert invoices.fields["overdue"].text == "days(due_date, as_of)"
    assert invoices.columns["net"].type == types.money("INR")
    assert (invoices.columns["lines"].type, invoices.columns["lines"].source) == (types.WHOLE, "line_count")
    columns = shop.tables["customers"].columns
    assert columns["segment"].type == types.Type("text", values=("SME", "NO", "on"))
    assert columns["pct"] == Column("pct", types.RATIO, percent=True, place=columns["pct"].place)
    assert list(columns) == ["customer_id", "segment", "pct", "vat no"]


def test_every_type_of_a_column() -> None:
    texts = ["number", "count", "ratio", "percent", "duration", "date", "timestamp", "text", "bool", "money EUR"]
    columns = from_dict({"tables": {"t": {"columns": {text: text for text in texts}}}}).tables["t"].columns
    assert [str(columns[text].type) for text in texts] == [text.replace("percent", "ratio") for text in texts]
    assert [text for text in texts if columns[text].percent] == ["percent"]
    assert [text for text in texts if columns[text].type.whole] == ["count"]


def test_members_have_a_column_a_key_and_a_link_to_them(shop: Declarations) -> None:
    payers, invoices = shop.tables["payers"], shop.tables["invoices"]
    assert (payers.members, payers.key) == (("invoices", "customer_id"), ("customer_id",))
    assert payers.columns["customer_id"].type == types.TEXT
    assert list(payers.links) == ["customer"]
    link = invoices.links["payers"]
    assert (link.name, link.to, link.by) == ("payers", "payers", ("customer_id",))
    assert list(invoices.links) == ["customer", "payers"]


def test_members_of_an_undeclared_column_that_has_a_link() -> None:
    links = {"buyer": {"to": "customers", "by": ["customer_id"]}}
    made = from_dict({"tables": {"customers": {"members": "sales.customer_id"}, "sales": {"links": links}}})
    assert dict(made.tables["customers"].columns) == {}
    assert made.tables["customers"].key == ("customer_id",)
    assert list(made.tables["sales"].links) == ["buyer"]


def test_two_populations_of_one_table() -> None:
    tables = {"cities": {"members": "sales.city"}, "states": {"members": "sales.state"}, "sales": {}}
    assert list(from_dict({"tables": tables}).tables["sales"].links) == ["cities", "states"]


def test_dimensions_functions_and_kpis(shop: Declarations) -> None:
    segment, customer = shop.dimensions["segment"], shop.dimensions["customer"]
    assert segment.formula is not None
    assert segment.formula.text == "customers.segment"
    assert (customer.to, customer.formula) == ("customers", None)
    assert dict(customer.routes) == {"invoices": ("customer",), "lines": ("invoice", "main customer")}
    assert shop.functions["on_time"].parameters == ("done", "due")
    assert shop.functions["on_time"].formula.text == "done is present and done <= due"
    assert shop.functions["now"].parameters == ()
    kpi = shop.kpis["rate"]
    assert [(version.start, version.value.text) for version in kpi.versions] == [
        (None, "1"),
        (dt.date(2026, 4, 1), "2"),
    ]
    assert (kpi.title, kpi.description, kpi.unit, kpi.better) == ("Rate", "What it is\nto people.\n", "ratio", "lower")
    assert kpi.empty_missing
    assert [version.value.text for version in shop.kpis["revenue"].versions] == ["sum(invoices.net)"]


def test_places_name_file_path_and_line(shop: Declarations) -> None:
    place = shop.kpis["rate"].versions[1].value.place
    assert (place.path, place.line) == ("kpis.rate.versions[0].formula", 45)
    overdue = shop.tables["invoices"].fields["overdue"].place
    assert (overdue.path, overdue.line) == ("tables.invoices.fields.overdue", 26)
    assert {place.file, overdue.file, shop.calendar.place.file} == {shop.kpis["revenue"].place.file}
    assert str(place.file).endswith("shop.yaml")
    assert shop.functions["on_time"].place.path == "functions.on_time(done, due)"


def plain(declarations: Declarations) -> Any:
    """Declarations without what differs between notations: places."""
    kpi: Kpi = declarations.kpis["k"]
    link: Link = declarations.tables["t"].links["l"]
    versions = [Version(version.start, version.value.text) for version in kpi.versions]
    return versions, kpi.title, link.to, link.by, declarations.tables["t"].columns["c"].type


NOTATIONS = {
    "yaml": "kpis: {k: {title: é, versions: [{from: 2026-04-01, formula: '1'}]}}\n"
    "tables: {t: {columns: {c: {type: count, whole: false}}, links: {l: {to: t, by: [a, b]}}}}",
    "toml": "[[kpis.k.versions]]\nfrom = 2026-04-01\nformula = '1'\n[kpis.k]\ntitle = 'é'\n"
    "[tables.t]\ncolumns.c = {type = 'count', whole = false}\nlinks.l = {to = 't', by = ['a', 'b']}",
    "json": '{"kpis": {"k": {"title": "\\u00e9", "versions": [{"from": "2026-04-01", "formula": "1"}]}},\n'
    '"tables": {"t": {"columns": {"c": {"type": "count", "whole": false}}, "links": {"l": {"to": "t", "by": ["a", "b"]}}}}}',
}


def test_one_meaning_in_every_notation(tmp_path: Path) -> None:
    made = [plain(from_dict(json.loads(NOTATIONS["json"])))]
    for ending, text in NOTATIONS.items():
        for form, mark in (("utf-8", ""), ("utf-8-sig", "bom-")):
            file = tmp_path / f"{mark}c.{ending}"
            file.write_text(text.replace("[kpis.k]\n", "[kpis.k]\r\n"), encoding=form)
            made.append(plain(load(str(file))))
    assert made == made[:1] * 7


def test_a_folder_is_one_catalog(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("tables: {payers: {members: sales.payer}}\ncalendar: {week_starts: friday}")
    (tmp_path / "b.toml").write_text("[tables.sales]\nkey = 'id'")
    (tmp_path / "c.json").write_text('{"kpis": {"k": "count(sales)"}}')
    (tmp_path / "d.yml").write_text("")
    (tmp_path / "notes.txt").write_text("nothing of a catalog")
    (tmp_path / ".hidden.yaml").write_text("nothing: read")
    (tmp_path / "k.kpi_test.yaml").write_text("tests: []")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "e.yaml").write_text("nothing: read")
    made = load(tmp_path)
    assert list(made.tables["sales"].links) == ["payers"]
    assert made.calendar.week_starts == 5
    assert made.kpis["k"].place.file == str(tmp_path / "c.json")


def test_a_name_of_two_files_is_a_mistake_that_names_both(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("calendar: {}\nkpis:\n  k: count(t)\n  l: {typo: 1}\nfunctions: {f(x): x}")
    (tmp_path / "b.json").write_text('{"kpis":\n\n\n {"k": "count(u)"}, "calendar": {}, "functions": {"f(y)": "y"}}')
    (tmp_path / "c.toml").write_text("x = = 1")
    with pytest.raises(Mistakes) as raised:
        load(tmp_path)
    found = {
        (mistake.code, Path(mistake.place.file or "").name, mistake.place.line): mistake
        for mistake in raised.value.mistakes
    }
    assert sorted(found) == [
        ("catalog-syntax", "c.toml", 1),
        ("duplicate-name", "b.json", 4),
        ("missing-key", "a.yaml", 4),
        ("unknown-key", "a.yaml", 4),
    ]
    twice = [mistake for mistake in raised.value.mistakes if mistake.code == "duplicate-name"]
    assert [mistake.message for mistake in twice] == [
        "'f' is defined twice",
        "'k' is defined twice",
        "'calendar' is defined twice",
    ]
    assert twice[1].notes == (f"first: kpis.k, {tmp_path / 'a.yaml'} line 3",)


@pytest.mark.parametrize("name", ["missing.yaml", "missing", "notes.txt", "empty", "nul\0.yaml"])
def test_no_catalog_there(name: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "empty").mkdir()
    with pytest.raises(Mistakes) as raised:
        load(tmp_path / name)
    assert raised.value.code == "catalog-syntax"
    assert raised.value.mistakes[0].place.file == str(tmp_path / name)


def test_not_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(b"kpis:\n  a: \xff")
    with pytest.raises(Mistakes) as raised:
        load(file)
    assert (raised.value.code, raised.value.mistakes[0].place.line) == ("catalog-syntax", 2)


def test_declarations_cannot_be_changed(shop: Declarations) -> None:
    with pytest.raises(TypeError):
        shop.kpis["k"] = shop.kpis["rate"]  # type: ignore[index]
