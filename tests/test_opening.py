"""What is said when a workspace opens, and tables on the first day of an installation, when they hold next to nothing."""

from __future__ import annotations

from typing import Any

import pytest

import kraforge as kf

OWNER = {"to": "people", "through": "owners", "match": "customer_id", "by": "person_id", "valid": "since ..< until"}
SALES: list[dict[str, Any]] = [
    {"sale_id": "s1", "customer_id": "c1", "day": "2026-01-10", "amount": 10},
    {"sale_id": "s2", "customer_id": "c2", "day": "2026-01-11", "amount": 5},
]
OWNERS: list[dict[str, Any]] = [{"customer_id": "c1", "person_id": "p1", "since": "2025-01-01", "until": "2030-01-01"}]
CREDITS: list[dict[str, Any]] = [{"sale_id": "s1", "person_id": "p1", "part": 1}]


def catalog(**links: Any) -> kf.Catalog:
    """Sales with an owner by a history that is not declared, and the links asked for."""
    columns = {"sale_id": "text", "customer_id": "text", "day": "date", "amount": "number"}
    sales = {"key": "sale_id", "date": "day", "columns": columns, "links": {"owner": OWNER, **links}}
    people = {"key": "person_id", "columns": {"person_id": "text"}}
    owner: dict[str, Any] = {"to": "people", "from": {"sales": "owner"}}
    credited = {"credited": {"to": "people", "from": {"sales": "credit"}}} if "credit" in links else {}
    return kf.Catalog.from_dict(
        {"tables": {"sales": sales, "people": people}, "dimensions": {"owner": owner, **credited}}
    )


def opened(known: kf.Catalog, **tables: Any) -> kf.Workspace:
    """A workspace of the sales with these tables."""
    return kf.Workspace(known, {"sales": SALES, "people": [{"person_id": "p1"}], "owners": OWNERS, **tables})


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ({**OWNER, "match": ["customer_id", "person_id"]}, "wrong-arguments"),
        ({**OWNER, "by": ["person_id", "customer_id"]}, "wrong-arguments"),
        ({"to": "people", "through": "credits", "share": "person_id"}, "type-mismatch"),
        ({"to": "persons", "by": "customer_id"}, "unknown-table"),
    ],
)
def test_a_link_that_fits_nothing_is_told_when_a_workspace_opens(link: dict[str, Any], code: str) -> None:
    with pytest.raises(kf.Mistakes) as caught:
        opened(catalog(other=link), credits=CREDITS)
    assert [(mistake.code, mistake.place.path) for mistake in caught.value.mistakes] == [
        (code, "tables.sales.links.other")
    ]
