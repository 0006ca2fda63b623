"""The shipped JSON Schema is the loader's own description, and says the same of the same catalogs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from kraforge.model import read_json, read_toml, read_yaml, schema
from kraforge.model.load import from_dict
from kraforge.model.written import Written, number_text

HERE = Path(__file__).parent
MISTAKES: list[dict[str, Any]] = YAML(typ="safe").load(HERE / "mistakes.yaml")
CATALOGS: dict[str, Any] = YAML(typ="safe").load(HERE / "catalogs.yaml")
READERS = {"yaml": read_yaml.read, "json": read_json.read, "toml": read_toml.read}


def bare(data: Any) -> Any:
    """What a JSON file would hold."""
    match data:
        case Written():
            return bare(data.value)
        case dict():
            return {key: bare(item) for key, item in data.items()}
        case list():
            return [bare(item) for item in data]
        case bool() | str() | None:
            return data
        case _ if (number := number_text(data)) is not None:
            return float(number) if "." in number else int(number)
        case _:
            return str(data)


@pytest.fixture(name="validator", scope="module")
def _validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(schema.schema())
    return Draft202012Validator(schema.schema())


def test_the_file_is_up_to_date() -> None:
    assert schema.FILE.read_text(encoding="utf-8") == schema.text()


@pytest.mark.parametrize(
    "case", [case for case in MISTAKES if case.get("schema") != "skip"], ids=lambda case: case["name"]
)
def test_mistakes_of_form_are_refused(case: dict[str, Any], validator: Draft202012Validator) -> None:
    data = bare(READERS[case.get("form", "yaml")](case["catalog"], "catalog", []))
    assert validator.is_valid(data) == (case.get("schema") == "accepts")


@pytest.mark.parametrize("name", CATALOGS)
def test_catalogs_are_accepted(name: str, validator: Draft202012Validator) -> None:
    data = bare(READERS["yaml"](CATALOGS[name], "catalog", []))
    validator.validate(data)
    from_dict(data)
