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
from kraforge.model.declarations import (
    Calendar,
    Column,
    CountryHolidays,
    Declarations,
    Holidays,
    Kpi,
    Link,
    Sequence,
    Shift,
    TableGrain,
    TableHolidays,
    TableHours,
    Version,
    WeeksGrain,
)
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


WORK = {
    "timezone": "Asia/Kolkata",
    "working_week": {"monday-friday": "09:30-18:30", "saturday": ["09:30-13:30", "14:00-24:00"], "sunday": []},
    "holidays": [
        "IN",
        {"country": "IN", "subdivision": "MH", "observed": False, "working": ["2026-10-03"]},
        dt.date(2026, 5, 5),
        {"table": "days_off", "day": "day"},
    ],
    "special_days": {dt.date(2026, 12, 24): "14:00-18:00, 09:00-13:00", "2026-05-02": []},
}


def test_the_working_time_of_a_catalog() -> None:
    work = from_dict({"calendar": WORK}).calendar.work
    assert work is not None
    assert (work.name, work.table, work.timezone) == ("", None, None)
    day, saturday = (Shift(34200, 66600),), (Shift(34200, 48600), Shift(50400, 86400))
    assert work.week == (day, day, day, day, day, saturday, ())
    assert work.holidays == Holidays(
        (CountryHolidays("IN"), CountryHolidays("IN", "MH", observed=False)),
        (dt.date(2026, 5, 5),),
        (TableHolidays("days_off", "day"),),
        (dt.date(2026, 10, 3),),
    )
    eve = (Shift(32400, 46800), Shift(50400, 64800))
    assert work.special == ((dt.date(2026, 5, 2), ()), (dt.date(2026, 12, 24), eve))
    assert from_dict({"calendar": {"timezone": "UTC"}}).calendar.work is None


def test_named_calendars() -> None:
    made = from_dict(
        {
            "calendar": WORK,
            "calendars": {
                "night": {"working_week": {"friday-sunday": "22:00-06:00"}, "timezone": "America/New_York"},
                "plain": {"holidays": [], "special_days": {}},
                "shifts": {
                    "table": "hours",
                    "by": "id",
                    "weekday": "day",
                    "hours": ["first", "last"],
                    "holidays": {"table": "days_off", "by": "id", "day": "on"},
                },
            },
        }
    )
    night, plain, shifts = (made.calendars[name] for name in ("night", "plain", "shifts"))
    late = (Shift(79200, 108000),)
    assert (night.week, night.timezone) == (((), (), (), (), late, late, late), "America/New_York")
    assert (night.holidays, plain.holidays) == (None, Holidays())
    assert made.calendar.work is not None
    assert (night.special, plain.special) == (made.calendar.work.special, ())
    assert (shifts.week, shifts.table) == (None, TableHours("hours", "id", "day", ("first", "last")))
    assert shifts.holidays == Holidays(tables=(TableHolidays("days_off", "on", "id"),))
    assert [(name, made.tables[name].made) for name in made.tables] == [("hours", None), ("days_off", None)]


STAFF: dict[str, Any] = {
    "employees": {"key": "id", "columns": {"id": {"type": "text", "column": "employee_id"}}},
    "sick": {"date": "day", "links": {"employee": {"to": "employees", "by": "employee_id"}}},
    "leaves": {"links": {"employee": {"to": "employees", "by": "employee_id"}}},
    "shops": {"members": "visits.shop"},
    "visits": {"columns": {"shop": "number"}},
}


def test_people_their_leave_and_what_is_expected_of_them() -> None:
    leave = ["sick", {"table": "leaves", "during": "starts_on .. ends_on", "link": "employee"}]
    week = "FREQ=WEEKLY;BYDAY=FR"
    expected = {
        "report": {"rule": week, "start": "2026-01-02", "of": "people", "off": "previous"},
        "visit": {"rule": week, "start": "2026-01-02", "of": {"table": "shops", "during": "opened_on .."}},
        "close": {"rule": week, "start": "2026-01-02", "calendar": "support"},
    }
    people = {"table": "employees", "during": "hired_on .. left_on", "leave": leave, "calendar": "team.calendar"}
    made = from_dict({"calendar": {"people": people, "expected": expected}, "tables": STAFF})
    known = made.calendar.people
    assert known is not None
    assert known.during is not None
    assert known.calendar is not None
    assert (known.table, known.during.text, known.calendar.text) == (
        "employees",
        "hired_on .. left_on",
        "team.calendar",
    )
    assert [(leave.table, leave.during.text, leave.link) for leave in known.leave] == [
        ("sick", "(day) .. (day)", None),
        ("leaves", "starts_on .. ends_on", "employee"),
    ]
    report, visit, close = made.calendar.expected.values()
    assert (report.rule, report.start, report.of, report.off) == (week, dt.date(2026, 1, 2), known, "previous")
    assert visit.of is not None
    assert (visit.of.table, visit.off, close.of, close.calendar) == ("shops", "keep", None, "support")


def test_populations_of_days_are_implied() -> None:
    report = {"rule": "FREQ=DAILY", "start": "2026-01-02", "of": "people"}
    visit = {"rule": "FREQ=DAILY", "start": "2026-01-02", "of": {"table": "shops"}}
    close = {"rule": "FREQ=DAILY", "start": "2026-01-02"}
    calendar = {
        "people": {"table": "employees", "leave": "sick"},
        "expected": {"report": report, "visit": visit, "close": close},
    }
    tables = from_dict({"calendar": calendar, "tables": STAFF}).tables
    assert list(tables) == [*STAFF, "workdays", "leave_days", "report", "visit", "close"]
    for name, key, columns in [
        ("workdays", ("id", "day"), ["day", "id"]),
        ("leave_days", ("id", "day"), ["day", "id"]),
        ("report", ("id", "scheduled"), ["day", "scheduled", "id"]),
        ("visit", ("shop", "scheduled"), ["day", "scheduled", "shop"]),
        ("close", ("scheduled",), ["day", "scheduled"]),
    ]:
        table = tables[name]
        assert (table.made, table.key, list(table.columns)) == (name, key, columns)
        assert table.date is not None
        assert table.date.text == "day"
    assert tables["workdays"].columns["id"].source is None
    assert tables["visit"].columns["shop"].type == types.NUMBER
    links = [(link.name, link.to, link.by) for name in ("workdays", "visit") for link in tables[name].links.values()]
    assert links == [("person", "employees", ("id",)), ("person", "shops", ("shop",))]
    assert dict(tables["close"].links) == {}
    bare = from_dict({"calendar": {"people": {"table": "employees"}}, "tables": STAFF}).tables
    assert [name for name, table in bare.items() if table.made] == ["workdays"]


def test_grains_of_ones_own() -> None:
    grains = {
        "trading": {"table": "days", "day": "day", "period": "month", "year": "year"},
        "retail": {"weeks": "4-5-4", "year_ends": "nearest saturday 01-31"},
        "works": {"weeks": "5-4-4", "year_ends": "last friday 02"},
    }
    made = from_dict({"calendar": {"grains": grains}})
    trading, retail, works = made.calendar.grains.values()
    assert trading == TableGrain("trading", "days", "day", "month", "year", trading.place)
    assert retail == WeeksGrain("retail", (4, 5, 4), 1, 6, nearest=True, place=retail.place)
    assert works == WeeksGrain("works", (5, 4, 4), 2, 5, nearest=False, place=works.place)
    assert list(made.tables) == ["days"]


def linked(**links: Any) -> list[Link]:
    tables = {"people": {"key": "person_id"}, "sales": {"key": ["shop", "no"], "links": links}}
    return list(from_dict({"tables": tables}).tables["sales"].links.values())


def test_links_through_a_table_have_the_names_of_the_keys() -> None:
    split, tags, owner, then = linked(
        split={"to": "people", "through": "credits", "share": "pct"},
        tags={"to": "people", "through": "tags", "match": "sale", "by": "who"},
        owner={"to": "people", "through": "owners", "match": "customer", "valid": "a ..< b", "at": "day + 1 day"},
        then={"to": "people", "through": "owners", "valid": "a ..", "several": True},
    )
    assert (split.through, split.match, split.by) == ("credits", ("shop", "no"), ("person_id",))
    assert (split.share, split.up_to, split.several, split.many) == ("pct", 1, False, True)
    assert (tags.match, tags.by, tags.several, tags.many) == (("sale",), ("who",), True, True)
    assert owner.valid is not None
    assert owner.at is not None
    assert (owner.match, owner.valid.text, owner.at.text, owner.many) == (
        ("customer",),
        "a ..< b",
        "day + 1 day",
        False,
    )
    assert (then.several, then.many, then.plain) == (True, True, False)


@pytest.mark.parametrize(("text", "bound"), [("150%", Decimal("1.5")), ("12.5%", Decimal("0.125")), ("any", None)])
def test_what_shares_may_add_up_to(text: str, bound: Decimal | None) -> None:
    (link,) = linked(split={"to": "people", "through": "credits", "share": "pct", "up_to": text})
    assert link.up_to == bound


def test_versions_and_sequences() -> None:
    policy, following, before = linked(
        policy={"to": "people", "by": "person", "valid": "a ..< b"},
        next={"to": "sales", "following": "shop", "order": ["day", "no"]},
        before={"to": "sales", "preceding": "policy", "order": "day"},
    )
    assert (policy.by, policy.through, policy.plain, policy.many) == (("person",), None, False, False)
    assert (following.sequence, following.by) == (Sequence("shop", ("day", "no")), ())
    assert before.sequence == Sequence("policy", ("day",), forward=False)


def test_trees_and_what_was_known() -> None:
    made = from_dict(
        {
            "tables": {"people": {"key": "id"}, "log": {"known": "seen ..< gone", "calendar": "support"}},
            "dimensions": {
                "org": {"to": "people", "tree": "boss", "from": {"log": "owner"}},
                "area": {"to": "people", "tree": "boss", "level": 2},
            },
        }
    )
    org, area, log = made.dimensions["org"], made.dimensions["area"], made.tables["log"]
    assert (org.tree, org.level, dict(org.routes)) == ("boss", None, {"log": ("owner",)})
    assert (area.tree, area.level) == ("boss", 2)
    assert log.known is not None
    assert log.calendar is not None
    assert (log.known.text, log.calendar.text) == ("seen ..< gone", "support")


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
