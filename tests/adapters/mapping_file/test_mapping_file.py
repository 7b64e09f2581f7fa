"""``mappings.toml``: read with every problem named, written so that a change is a small diff."""

import difflib
import os
import stat
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lago_ns_cli.domain.mapping import (
    ITEM_TYPES,
    CreditNotePolicy,
    Defaults,
    FieldRow,
    FieldRows,
    FieldType,
    GroupingRow,
    IgnoreRow,
    ItemRow,
    Mappings,
    PaymentRow,
    SubsidiaryRow,
    TaxRow,
    TaxTarget,
)
from lago_ns_cli.domain.mapping_edit import seed
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.mapping_file import canonical_mappings, load_mappings, render_mappings, save_mappings

TEXT = """\
# How Lago's objects map to NetSuite's, by internal id. `lago-ns map` writes this file in this order;
# edits by hand are welcome, but comments are not kept: give a row a note = "..." instead.
version = 1

[defaults]
item = "481"
item_by_type = { subscription = "482", coupon = "490" }
tax = { nexus = "1", tax_type = "3", tax_code = "11" }
untaxed_code = "9"
subsidiary = "2"
credit_note_policy = "negative_line"

[billing_entities.acme-eu]
item = "601"
tax = { tax_code = "21" }

[[items]]
lago = "billable_metric:api_calls"
item = "500"
recognition = "point_in_time"

[[items]]
lago = "billable_metric:api_calls"
item = "600"
billing_entity = "acme-eu"
note = "priced per region"

[[items]]
lago = "plan:pro"
item = "511"
recognition = "ratable"

[[taxes]]
lago = ["us_ny", "us_nyc"]
tax_code = "18"

[[taxes]]
lago = "us_nyc"
nexus = "1"
tax_type = "3"
tax_code = "14"

[[subsidiaries]]
subsidiary = "4"
billing_entity = "acme-eu"

[currencies]
EUR = "4"
USD = "1"

[terms]
0 = "4"
30 = "2"

[[payments]]
provider = "stripe"
currency = "USD"
account = "120"
method = "7"

[[customer.header]]
from = "metadata.region"
to = "custentity_region"
type = "list"
list = "custom_segments"

[[invoice.header]]
from = "number"
to = "tranid"

[[invoice.header]]
value = true
to = "custbody_from_lago"
type = "boolean"

[[invoice.line]]
from = "service_period.start"
to = "custcol_service_period_date_from"
type = "date"

[[grouping]]
item = "510"
customers = ["cust_0042"]
invoice_types = ["subscription"]

[[ignore]]
finding = "tax"
kind = "invoice"
customer = "cust_0042"
currency = "EUR"
below = "0.05"
until = "2026-12-31"
billing_entity = "acme-eu"
note = "rounding of the old engine"
"""

MAPPINGS = Mappings(
    defaults=Defaults(
        item="481",
        item_by_type={"subscription": "482", "coupon": "490"},
        tax=TaxTarget("11", "3", "1"),
        untaxed_code="9",
        subsidiary="2",
        credit_note_policy=CreditNotePolicy.NEGATIVE_LINE,
    ),
    entity_defaults={"acme-eu": Defaults(item="601", tax=TaxTarget("21"))},
    items=(
        ItemRow(lago="billable_metric:api_calls", item="500", recognition="point_in_time"),
        ItemRow(
            lago="billable_metric:api_calls", item="600", billing_entity="acme-eu", note="priced per region"
        ),
        ItemRow(lago="plan:pro", item="511", recognition="ratable"),
    ),
    taxes=(
        TaxRow(lago=("us_ny", "us_nyc"), target=TaxTarget("18")),
        TaxRow(lago=("us_nyc",), target=TaxTarget("14", "3", "1")),
    ),
    subsidiaries=(SubsidiaryRow(billing_entity="acme-eu", subsidiary="4"),),
    currencies={"EUR": "4", "USD": "1"},
    terms={0: "4", 30: "2"},
    payments=(PaymentRow(provider="stripe", currency="USD", account="120", method="7"),),
    fields={
        "customer": FieldRows(
            header=(
                FieldRow(
                    source="metadata.region",
                    to="custentity_region",
                    type=FieldType.LIST,
                    list="custom_segments",
                ),
            )
        ),
        "invoice": FieldRows(
            header=(
                FieldRow(source="number", to="tranid"),
                FieldRow(literal=True, to="custbody_from_lago", type=FieldType.BOOLEAN),
            ),
            line=(
                FieldRow(
                    source="service_period.start",
                    to="custcol_service_period_date_from",
                    type=FieldType.DATE,
                ),
            ),
        ),
    },
    grouping=(GroupingRow(item="510", customers=("cust_0042",), invoice_types=("subscription",)),),
    ignore=(
        IgnoreRow(
            finding="tax",
            kind="invoice",
            customer="cust_0042",
            currency="EUR",
            below=Decimal("0.05"),
            until=date(2026, 12, 31),
            billing_entity="acme-eu",
            note="rounding of the old engine",
        ),
    ),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file that holds one row of every kind."""
    path = tmp_path / "mappings.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "mappings.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_mappings(path)
    return [problem.replace(f"{tmp_path}{os.sep}", "") for problem in caught.value.problems]


def test_a_file_is_loaded_as_it_reads(file: Path) -> None:
    """One row of every kind."""
    assert MAPPINGS == load_mappings(file)


def test_mappings_are_written_as_people_read_them() -> None:
    """The canonical form, whole."""
    assert TEXT == render_mappings(MAPPINGS)


def test_a_changed_row_is_a_small_diff() -> None:
    """A new row adds its own lines; nothing else moves."""
    more = replace(MAPPINGS, items=(*MAPPINGS.items, ItemRow(lago="add_on:setup", item="506")))

    changed = [
        line
        for line in difflib.ndiff(TEXT.splitlines(), render_mappings(more).splitlines())
        if line[0] in "+-"
    ]

    assert ["+ ", "+ [[items]]", '+ item = "506"', '+ lago = "add_on:setup"'] == sorted(changed)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "mappings.toml: the file lacks its version; begin it with version = 1"),
        ("version = 2", "mappings.toml:1: version: must be 1"),
        ("version = '1'", "mappings.toml:1: version: must be a whole number"),
        ("version = 1\n[default]\n", "mappings.toml:2: default: is not known; did you mean defaults?"),
        ("version = 1\ndefaults = 3\n", "mappings.toml:2: defaults: must be a table, such as [defaults]"),
        (
            "version = 1\n[items]\nlago = 'x'\n",
            "mappings.toml:2: items: must be rows, each beginning with [[items]]",
        ),
        (
            "version = 1\n[defaults]\nitem = 481\n",
            'mappings.toml:3: defaults.item: must be text; put it in quotes: item = "481"',
        ),
        ("version = 1\n[defaults]\nitem = ' '\n", "mappings.toml:3: defaults.item: must not be empty"),
        (
            "version = 1\n[defaults]\nitem_by_type = { subscripton = '1' }\n",
            "mappings.toml:3: defaults.item_by_type.subscripton: is not known; did you mean subscription?",
        ),
        (
            "version = 1\n[defaults]\ncredit_note_policy = 'apply'\n",
            'mappings.toml:3: defaults.credit_note_policy: must be "negative_line" or "apply_memo"; did you mean',
        ),
        (
            "version = 1\n[defaults]\ntax = { nexus = '1', tax_type = '3' }\n",
            "mappings.toml:3: defaults.tax: lacks tax_code",
        ),
        (
            "version = 1\n[defaults]\ntax = { nexus = '1', tax_code = '3' }\n",
            "mappings.toml:3: defaults.tax: names one of",
        ),
        (
            "version = 1\n\n[[items]]\nlago = 'plan:pro'\n",
            'mappings.toml:3: items row 1: lacks item; add item = "500"',
        ),
        (
            "version = 1\n[[items]]\nlago = 'metric:x'\nitem = '5'\n",
            "mappings.toml:3: items row 1, lago: must be <kind>:<code>, where kind is one of billable_metric,",
        ),
        (
            "version = 1\n[[items]]\nlago = 'plan:'\nitem = '5'\n",
            "mappings.toml:3: items row 1, lago: must be <kind>",
        ),
        (
            "version = 1\n[[items]]\nlago = 'plan:a'\nitem = '5'\n[[items]]\nlago = 'plan:a'\nitem = '6'\n",
            "mappings.toml:5: items row 2: repeats row 1 (line 2); delete one of them",
        ),
        (
            "version = 1\n[[taxes]]\nlago = ['a', 'b']\ntax_code = '1'\n[[taxes]]\nlago = ['b', 'a']\ntax_code = '1'\n",
            "mappings.toml:5: taxes row 2: repeats row 1 (line 2)",
        ),
        ("version = 1\n[[taxes]]\ntax_code = '1'\n", "mappings.toml:2: taxes row 1: lacks lago"),
        (
            "version = 1\n[[taxes]]\nlago = ['a', 1]\ntax_code = '1'\n",
            "mappings.toml:3: taxes row 1, lago: must be a list",
        ),
        (
            "version = 1\n[[taxes]]\nlago = ['a', 'a']\ntax_code = '1'\n",
            "mappings.toml:3: taxes row 1, lago: names a value twice",
        ),
        ("version = 1\n[currencies]\nusd = '1'\n", "mappings.toml:3: currencies.usd: is no currency"),
        (
            "version = 1\n[currencies]\nUSD = 1\n",
            "mappings.toml:3: currencies.USD: must be text; put it in quotes",
        ),
        (
            "version = 1\n[[invoice.header]]\nto = 'x'\n",
            "mappings.toml:2: invoice.header row 1: needs either from",
        ),
        (
            "version = 1\n[[invoice.header]]\nto = 'x'\nfrom = 'a'\nvalue = 'b'\n",
            "mappings.toml:2: invoice.header row 1: needs either from",
        ),
        (
            "version = 1\n[[invoice.line]]\nto = 'x'\nfrom = 'a'\ntype = 'datum'\n",
            'mappings.toml:5: invoice.line row 1, type: must be "text", "number", "date", "boolean" or "list"',
        ),
        (
            "version = 1\n[[invoice.line]]\nto = 'x'\nfrom = 'a'\nlist = 'terms'\n",
            'mappings.toml:5: invoice.line row 1, list: goes with type = "list" only',
        ),
        (
            "version = 1\n[[payment.line]]\nto = 'x'\nfrom = 'a'\n",
            "mappings.toml:2: payment.line: is not known",
        ),
        (
            "version = 1\n[[subsidiaries]]\nsubsidiary = '4'\n",
            "mappings.toml:2: subsidiaries row 1: lacks billing_entity",
        ),
        (
            "version = 1\n[[grouping]]\nitem = '5'\ncustomer = 'x'\n",
            "mappings.toml:4: grouping row 1, customer: is not known; did you mean customers?",
        ),
        (
            "version = 1\n[[ignore]]\nfinding = 'amont'\nnote = 'x'\n",
            "mappings.toml:3: ignore row 1, finding: must be",
        ),
        (
            "version = 1\n[[ignore]]\nfinding = 'amount'\n",
            "mappings.toml:2: ignore row 1: lacks note",
        ),
        (
            "version = 1\n[[ignore]]\nfinding = 'amount'\nnote = 'x'\nbelow = '0.05'\n",
            "mappings.toml:5: ignore row 1, below: needs the currency of its amount",
        ),
        (
            "version = 1\n[[ignore]]\nfinding = 'amount'\nnote = 'x'\ncurrency = 'EUR'\nbelow = '-1'\n",
            "mappings.toml:6: ignore row 1, below: must be an amount above zero",
        ),
        (
            "version = 1\n[[ignore]]\nfinding = 'amount'\nnote = 'x'\nuntil = '31.12.2026'\n",
            "mappings.toml:5: ignore row 1, until: must be a day",
        ),
        (
            "version = 1\n[[ignore]]\nfinding = 'not_final'\nnote = 'x'\n",
            "mappings.toml:3: ignore row 1, finding: must be",
        ),
        (
            "version = 1\n[terms]\nnet_30 = '2'\n",
            "mappings.toml:3: terms.net_30: is no number of days; write it plainly",
        ),
        (
            "version = 1\n[terms]\n030 = '2'\n",
            "mappings.toml:3: terms.030: is no number of days; write it plainly",
        ),
        ("version = 1\n[terms]\n30 = 2\n", "mappings.toml:3: terms.30: must be text; put it in quotes"),
        ("version = 1\n[[items]\n", "mappings.toml:2: this is not valid TOML"),
    ],
)
def test_a_malformed_row_names_file_line_row_and_fix(tmp_path: Path, text: str, problem: str) -> None:
    """Each mistake that a person makes has its own sentence."""
    (found,) = problems(tmp_path, text)

    assert found.startswith(problem)


def test_all_problems_come_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    """Nobody mends a file one message at a time."""
    found = problems(
        tmp_path,
        "version = 1\n[[items]]\nlago = 'x'\n[defaults]\nitem = 1\n[[items]]\nitem = '5'\n[currencies]\nx = '1'\n",
    )

    assert [2, 3, 5, 6, 9] == [int(problem.split(":")[1]) for problem in found]


def test_lines_are_found_in_a_file_full_of_traps(tmp_path: Path) -> None:
    """Strings over lines, brackets in strings, quoted and dotted keys, comments."""
    text = '''\
version = 1 # [[items]]
[[items]]
lago = "plan:[[x]] # no"
item = "5"
note = """
[[items]]
lago = "no" \\"""
"""
[[ items ]]
"lago" = 'plan:#'
item = "6"   # [x]
note = \'\'\'
item = 7\'\'\'
[[items]]
lago = "plan:c"
item = 7
[billing_entities."a.b"]
item = 8
[billing_entities]
c.tax.tax_code = 9
[[taxes]]
lago = [
  "a", # ]
  "b",
]
tax_code = 10
'''

    found = problems(tmp_path, text)

    assert [16, 18, 20, 26] == [int(problem.split(":")[1]) for problem in found]
    assert "items row 3, item" in found[0]


def test_an_absent_file_says_how_to_make_one(tmp_path: Path) -> None:
    """The next command is in the hint."""
    with pytest.raises(ConfigError, match="There is no file") as caught:
        load_mappings(tmp_path / "mappings.toml")

    assert "lago-ns map seed" in str(caught.value.hint)


def test_a_saved_file_keeps_its_permissions(file: Path) -> None:
    """Whoever could read it still can."""
    file.chmod(0o640)

    save_mappings(file, replace(MAPPINGS, currencies={}), replaces=MAPPINGS)

    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert {} == load_mappings(file).currencies
    assert [file] == list(file.parent.iterdir())


def test_a_link_to_the_file_stays_a_link(file: Path, tmp_path: Path) -> None:
    """Replacing the link would leave the file under version control as it was."""
    link = tmp_path / "link.toml"
    link.symlink_to(file)

    save_mappings(link, replace(MAPPINGS, currencies={}), replaces=MAPPINGS)

    assert link.is_symlink()
    assert {} == load_mappings(file).currencies


def test_a_file_that_changed_since_it_was_loaded_is_left_alone(file: Path) -> None:
    """Two people, or a person and a command."""
    mine = replace(MAPPINGS, currencies={"USD": "7"})
    file.write_text(TEXT.replace('USD = "1"', 'USD = "2"'), encoding="utf-8")

    for replaces in (MAPPINGS, None):
        with pytest.raises(ConfigError, match="has changed since it was loaded"):
            save_mappings(file, mine, replaces=replaces)

    assert {"EUR": "4", "USD": "2"} == load_mappings(file).currencies


def test_a_new_file_is_made_where_there_was_none(tmp_path: Path) -> None:
    """With what the umask allows: it is to be shared and reviewed."""
    path = tmp_path / "mappings.toml"
    before = os.umask(0o022)
    try:
        save_mappings(path, MAPPINGS, replaces=None)
    finally:
        os.umask(before)

    assert TEXT == path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("mappings", "message"),
    [
        (replace(MAPPINGS, currencies={"usd": "1"}), "could not be loaded again"),
        (replace(MAPPINGS, items=(MAPPINGS.items[0], MAPPINGS.items[0])), "could not be loaded again"),
        (replace(MAPPINGS, fields={"order": MAPPINGS.fields["invoice"]}), "could not be loaded again"),
        (replace(MAPPINGS, defaults=Defaults(item_by_type={"tip": "1"})), "could not be loaded again"),
        (replace(MAPPINGS, fields={"payment": MAPPINGS.fields["invoice"]}), "a row would not survive"),
        (replace(MAPPINGS, currencies={"USD": "\ud800"}), "characters that no file can hold"),
    ],
)
def test_what_could_not_be_loaded_again_is_not_written(file: Path, mappings: Mappings, message: str) -> None:
    """The file stays as it was."""
    with pytest.raises(ConfigError, match=message):
        save_mappings(file, mappings, replaces=MAPPINGS)

    assert TEXT == file.read_text(encoding="utf-8")


def test_the_standard_rows_can_be_written(tmp_path: Path) -> None:
    """What ``map seed`` makes of nothing."""
    path = tmp_path / "mappings.toml"

    save_mappings(path, seed(Mappings()), replaces=None)

    assert canonical_mappings(seed(Mappings())) == load_mappings(path)


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip)
maybe = st.none() | texts
targets = st.builds(TaxTarget, texts) | st.builds(TaxTarget, texts, texts, texts)
several = st.lists(texts, max_size=2, unique=True).map(tuple)
defaults = st.builds(
    Defaults,
    item=maybe,
    item_by_type=st.dictionaries(st.sampled_from(ITEM_TYPES), texts, max_size=2),
    tax=st.none() | targets,
    untaxed_code=maybe,
    subsidiary=maybe,
    credit_note_policy=st.none() | st.sampled_from(CreditNotePolicy),
)
items = st.builds(
    ItemRow,
    lago=st.builds("{}:{}".format, st.sampled_from(["plan", "add_on", "coupon"]), texts),
    item=texts,
    billing_entity=maybe,
    recognition=st.sampled_from([None, "ratable"]),
    note=maybe,
)
taxes = st.builds(
    TaxRow,
    lago=st.lists(texts, min_size=1, max_size=3, unique=True).map(tuple),
    target=targets,
    billing_entity=maybe,
    note=maybe,
)
plain_fields = st.builds(
    FieldRow, to=texts, source=texts, type=st.sampled_from(FieldType), billing_entity=maybe, note=maybe
)
literal_fields = st.builds(FieldRow, to=texts, literal=st.text(max_size=3) | st.booleans()).filter(
    lambda row: not isinstance(row.literal, str) or row.literal.isprintable()
)
list_fields = st.builds(FieldRow, to=texts, source=texts, type=st.just(FieldType.LIST), list=texts)
rows_of_fields = st.lists(
    plain_fields | literal_fields | list_fields,
    max_size=3,
    unique_by=lambda row: (row.to, row.billing_entity),
).map(tuple)
all_mappings = st.builds(
    Mappings,
    defaults=defaults,
    entity_defaults=st.dictionaries(texts, defaults, max_size=2),
    items=st.lists(items, max_size=3, unique_by=lambda row: (row.lago, row.billing_entity)).map(tuple),
    taxes=st.lists(taxes, max_size=3, unique_by=lambda row: (frozenset(row.lago), row.billing_entity)).map(
        tuple
    ),
    subsidiaries=st.lists(
        st.builds(SubsidiaryRow, billing_entity=texts, subsidiary=texts, note=maybe),
        max_size=2,
        unique_by=lambda row: row.billing_entity,
    ).map(tuple),
    currencies=st.dictionaries(st.sampled_from(["USD", "EUR", "JPY"]), texts),
    terms=st.dictionaries(st.integers(0, 10**6), texts, max_size=3),
    payments=st.lists(
        st.builds(PaymentRow, account=maybe, method=maybe, provider=maybe, currency=maybe),
        max_size=2,
        unique_by=lambda row: (row.provider, row.currency),
    ).map(tuple),
    fields=st.fixed_dictionaries(
        {},
        optional={
            "customer": st.builds(FieldRows, header=rows_of_fields),
            "invoice": st.builds(FieldRows, header=rows_of_fields, line=rows_of_fields),
        },
    ),
    grouping=st.lists(
        st.builds(GroupingRow, item=texts, customers=several, invoice_types=several, note=maybe),
        max_size=2,
        unique_by=lambda row: (frozenset(row.customers), frozenset(row.invoice_types)),
    ).map(tuple),
)


@given(all_mappings)
@settings(max_examples=60)
def test_what_is_saved_is_loaded_again(tmp_path_factory: pytest.TempPathFactory, mappings: Mappings) -> None:
    """No row, note or order that matters is lost, and a second save changes no byte."""
    path = tmp_path_factory.mktemp("mappings") / "mappings.toml"

    save_mappings(path, mappings, replaces=None)

    loaded = load_mappings(path)
    assert canonical_mappings(mappings) == loaded
    assert path.read_text(encoding="utf-8") == render_mappings(loaded)
