"""The written files describe the running simulator and the world both sides share."""

import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.simulator.credentials import derive_credentials
from lago_ns_cli.simulator.options import TaxRegime
from lago_ns_cli.simulator.world import ITEMS, LAGO_TAXES, TAX_CODES, TAX_TYPES
from lago_ns_cli.simulator.write_config import (
    ConfigTarget,
    quarantine_seconds,
    standard_mappings,
    write_config,
)

CREDENTIALS = derive_credentials(1)


def written(directory: Path, regime: TaxRegime = "suitetax", late: float = 0.0) -> dict[str, Any]:
    write_config(directory, ConfigTarget("http://127.0.0.1:8321", regime, CREDENTIALS, late))
    return {path.name: path.read_text() for path in directory.iterdir()}


def test_settings_point_at_the_simulator(tmp_path: Path) -> None:
    """Both base URLs are the origin, without a path."""
    settings = tomllib.loads(written(tmp_path)["lago-ns.toml"])

    assert settings == {
        "lago": {"base_url": "http://127.0.0.1:8321"},
        "netsuite": {
            "account": "1234567_SB1",
            "auth": "tba",
            "base_url": "http://127.0.0.1:8321",
            "script": "customscript_lago_service",
            "deploy": "customdeploy_lago_service",
        },
        "sync": {},
        "push": {"quarantine_seconds": 3},
        "ledger": {"url": "sqlite:///ledger.db"},
    }


@pytest.mark.parametrize(("late", "seconds"), [(0, 3), (0.5, 3), (2, 3), (10, 11), (10.2, 12), (900, 901)])
def test_the_quarantine_outlasts_the_longest_late_commit(late: float, seconds: int) -> None:
    """Three seconds, or one more than the plan's longest."""
    assert seconds == quarantine_seconds(late)


def test_the_environment_can_be_read_by_a_shell(tmp_path: Path) -> None:
    """Five KEY=VALUE lines with throwaway values."""
    lines = written(tmp_path)["env"].splitlines()
    values = dict(shlex.split(line)[0].split("=", 1) for line in lines)

    assert {
        "LAGO_NS_LAGO__API_KEY",
        "LAGO_NS_NETSUITE__CONSUMER_KEY",
        "LAGO_NS_NETSUITE__CONSUMER_SECRET",
        "LAGO_NS_NETSUITE__TOKEN_ID",
        "LAGO_NS_NETSUITE__TOKEN_SECRET",
    } == set(values)
    assert all(value.startswith("sim-") for value in values.values())


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    """Mode 0600 in a folder of 0700, also where a wider file was there before."""
    directory = tmp_path / "made"
    written(directory)
    (directory / "env").chmod(0o644)
    written(directory)

    assert {0o600} == {path.stat().st_mode & 0o777 for path in directory.iterdir()}
    assert directory.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("regime", ["suitetax", "legacy"])
def test_every_billable_object_and_tax_is_mapped(regime: TaxRegime) -> None:
    """Each item of the world has its row or default, each Lago tax its code within one nexus."""
    mappings = standard_mappings(regime)
    nexus_of = {kind.id: kind.nexus for kind in TAX_TYPES}

    rows = {row["lago"] for row in mappings["items"]} | {
        f"type:{name}" for name in mappings["defaults"]["item_by_type"]
    }
    assert {item.lago for item in ITEMS if item.lago not in (None, "default")} == rows
    single = {row["lago"] for row in mappings["taxes"] if isinstance(row["lago"], str)}
    assert {tax.code for tax in LAGO_TAXES} <= single
    assert all(nexus_of[row["tax_type"]] == row["nexus"] for row in mappings["taxes"])


def test_sets_of_taxes_have_rows_only_where_a_line_has_one_code() -> None:
    """Legacy tax knows one code a line; SuiteTax lists each tax by itself."""
    sets = [list(code.lago) for code in TAX_CODES if len(code.lago) > 1]

    assert sets == [
        row["lago"] for row in standard_mappings("legacy")["taxes"] if isinstance(row["lago"], list)
    ]
    assert not [row for row in standard_mappings("suitetax")["taxes"] if isinstance(row["lago"], list)]
    assert standard_mappings("legacy")["defaults"]["untaxed_code"] == "9"
    assert "untaxed_code" not in standard_mappings("suitetax")["defaults"]


@pytest.mark.parametrize("regime", ["suitetax", "legacy"])
def test_the_file_says_what_the_mappings_are(tmp_path: Path, regime: TaxRegime) -> None:
    """Written as a person would, and read back the same."""
    text = written(tmp_path, regime)["mappings.toml"]

    assert tomllib.loads(text) == standard_mappings(regime)
    assert '[[items]]\nlago = "billable_metric:api_calls"\nitem = "500"\n' in text


def test_an_entity_that_files_tax_elsewhere_has_defaults_of_its_own() -> None:
    """A line without tax of the German entity gets a German code."""
    german = {"nexus": "2", "tax_type": "4", "tax_code": "22"}

    assert standard_mappings("suitetax")["billing_entities"] == {
        "acme-eu": {"tax": german, "subsidiary": "4"}
    }
    assert standard_mappings("legacy")["billing_entities"]["acme-eu"]["untaxed_code"] == "22"


def test_standard_fields_are_mapped(tmp_path: Path) -> None:
    """Number, dates, link and Lago id in the header; the service period on the line."""
    mappings = tomllib.loads(written(tmp_path)["mappings.toml"])

    assert {"from": "issuing_date", "to": "trandate", "type": "date"} in mappings["invoice"]["header"]
    assert {
        "from": "service_period.end",
        "to": "custcol_service_period_date_to",
        "type": "date",
    } in mappings["invoice"]["line"]
    assert mappings["customer"]["header"] == [{"from": "lago_id", "to": "custentity_lago_id"}]
