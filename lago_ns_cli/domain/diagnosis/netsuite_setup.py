"""Checks of the account behind the door: features, fields, taxes, periods, archive."""

from collections.abc import Iterator
from datetime import date, timedelta

from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.diagnosis.checks import Check
from lago_ns_cli.domain.diagnosis.facts import Facts
from lago_ns_cli.domain.diagnosis.findings import Verdict, fail, fine, listed, skip, warn
from lago_ns_cli.domain.diagnosis.local import mappings_of, setup_of
from lago_ns_cli.domain.diagnosis.netsuite_access import netsuite_of, ping_of
from lago_ns_cli.domain.mapping import Mappings, TaxTarget
from lago_ns_cli.domain.periods import Period, period_of, read_periods

_FEATURES_PAGE = "NetSuite: Setup > Company > Enable Features"
_DEPLOY = "lago-ns restlet export DIR, then suitecloud project:deploy"

_CLASSIFICATIONS = {"department": "departments", "class": "classes", "location": "locations"}
_CLASSIFICATION_NAMES = {"departments": "Departments", "classes": "Classes", "locations": "Locations"}

RECORD_TYPE = "customrecord_lago_object"


def catalog_of(facts: Facts) -> Catalog:
    """Give what the role sees of the account; empty where nothing could be read."""
    return netsuite_of(facts).catalog or Catalog("netsuite", facts.now, {})


def unseen(facts: Facts, section: str) -> Verdict | None:
    """Say that a list cannot be seen, so that nothing can be judged by it; None where it can."""
    catalog = catalog_of(facts)
    if section in catalog.sections:
        return None
    code, _, _ = catalog.unavailable.get(section, "it was not asked for").partition(": ")
    return skip(f"the role does not see the account's {section.replace('_', ' ')} ({code})")


def _features(facts: Facts) -> Verdict:
    on = ping_of(facts).features
    missing = list(_missing_features(facts))
    if not missing:
        used = [name for name, is_on in on.items() if is_on]
        return fine(f"all that are needed; on: {listed(used, most=10)}")
    return fail(
        " ".join(why for why, _ in missing),
        f"{_FEATURES_PAGE}: {'; '.join(where for _, where in missing)}.",
    )


def _missing_features(facts: Facts) -> Iterator[tuple[str, str]]:
    features = ping_of(facts).features
    if not features.get("subsidiaries", False):
        yield (
            "Subsidiaries (OneWorld) is off, and every document names its subsidiary: all would be held.",
            "Company > Subsidiaries, which NetSuite itself switches on for OneWorld accounts",
        )
    if not features.get("multicurrency", False):
        yield (
            "Multiple Currencies is off, so records have no currency to write or to compare.",
            "Company > International > Multiple Currencies",
        )
    mappings = None if facts.mapping is None else facts.mapping.mappings
    if mappings is None:
        return
    for feature, rows in _classified(mappings).items():
        if not features.get(feature, False):
            name = _CLASSIFICATION_NAMES[feature]
            yield (
                f"{name} is off, but the mappings fill {listed(rows)}.",
                f"Company > Classifications > {name}, or take the rows out of mappings.toml",
            )
    ratable = [row.lago for row in mappings.items if row.recognition == "ratable"]
    if ratable and not features.get("revenue", False):
        yield (
            f"Advanced Revenue Management is off, but {listed(ratable, most=3)} should be recognized ratably.",
            'Accounting > Advanced Accounting > Revenue Recognition, or recognition = "point_in_time" in mappings.toml',
        )


def _classified(mappings: Mappings) -> dict[str, list[str]]:
    """The header and line rows that fill a classification, by the feature they need."""
    found: dict[str, list[str]] = {}
    for kind, rows in mappings.fields.items():
        for place, of_place in (("header", rows.header), ("line", rows.line)):
            for row in of_place:
                if row.to in _CLASSIFICATIONS:
                    found.setdefault(_CLASSIFICATIONS[row.to], []).append(f"{kind}.{place} {row.to}")
    return found


def _fields(facts: Facts) -> Verdict:
    missing = ping_of(facts).missing_fields
    if not missing:
        return fine("all are there and applied")
    inspection, catalog = netsuite_of(facts).inspection, catalog_of(facts)
    known = {str(row["id"]) for row in catalog.rows("custom_fields")}
    absent = [name for name in missing if name not in known]
    unapplied = [name for name in missing if name in known]
    parts, fixes = [], []
    if absent:
        parts.append(f"NetSuite lacks the custom field{'s' * (len(absent) > 1)} {listed(absent, most=9)}.")
        fixes.append(f"Deploy the project again: {_DEPLOY}.")
    for name in unapplied:
        types = inspection.unapplied_fields.get(name, ()) if inspection is not None else ()
        on = f" to {listed(types)}" if types else ""
        parts.append(f"{name} is there, but not applied{on}, or a form hides it.")
        fixes.append(
            f"NetSuite: Customization > Lists, Records, & Fields > {_family(name)} > {name} > Applies To: tick "
            f"{listed(_label(one) for one in types) or 'the records it is for'}; and show it on their forms."
        )
    return fail(" ".join(parts), " ".join(fixes))


def _family(name: str) -> str:
    if name.startswith("custentity"):
        return "Entity Fields"
    return "Transaction Line Fields" if name.startswith("custcol") else "Transaction Body Fields"


_LABELS = {
    "customer": "Customer",
    "invoice": "Sale (invoice)",
    "creditmemo": "Sale (credit memo)",
    "customerpayment": "Customer Payment",
}


def _label(record_type: str) -> str:
    return _LABELS.get(record_type, record_type)


def _record_type(facts: Facts) -> Verdict:
    blind = unseen(facts, "custom_record_types")
    if blind is not None:
        return blind
    if any(row.get("id") == RECORD_TYPE for row in catalog_of(facts).rows("custom_record_types")):
        return fine(RECORD_TYPE)
    return warn(
        f"NetSuite lacks the record type {RECORD_TYPE}, in which Lago's plans, coupons and taxes can be kept.",
        f"Deploy the project again: {_DEPLOY}.",
    )


def _archive(facts: Facts) -> Verdict:
    netsuite = netsuite_of(facts)
    if netsuite.inspection is None:
        problem = netsuite.inspection_problem
        return skip(
            f"the script did not tell: {'' if problem is None else problem.message}",
            f"Deploy it again: {_DEPLOY}.",
        )
    if any("Documents and Files" in name for name in ping_of(facts).missing_permissions):
        return skip("needs permissions (netsuite)")
    problem_text = netsuite.inspection.archive_problem
    if problem_text is None:
        return fine("SuiteScripts/lago/archive")
    return warn(
        f"Originals cannot be kept in the File Cabinet: {problem_text}",
        f"Deploy the project again, which makes the folder SuiteScripts/lago/archive: {_DEPLOY}.",
    )


def _taxes(facts: Facts) -> Verdict:
    mappings = mappings_of(facts)
    if ping_of(facts).features.get("suitetax", False):
        incomplete = [
            name for name, target in _tax_targets(mappings) if not (target.nexus and target.tax_type)
        ]
        if incomplete:
            return fail(
                f"The account uses SuiteTax, but {listed(incomplete)} name no nexus and tax type: they were made for "
                "legacy tax.",
                "lago-ns map set tax <code> --nexus <id> --tax-type <id> --tax-code <id>; ids: lago-ns fetch-catalog",
            )
        return fine("SuiteTax, and the mappings have what it asks for")
    if mappings.defaults.untaxed_code is None:
        return fail(
            "The account uses legacy tax, where every line has a tax code, and the mappings name none for lines without tax: "
            "they were made for SuiteTax.",
            "lago-ns map set default untaxed_code --to <id of a code with rate 0>",
        )
    return fine("legacy tax, and the mappings have what it asks for")


def _tax_targets(mappings: Mappings) -> Iterator[tuple[str, TaxTarget]]:
    for row in mappings.taxes:
        yield "taxes." + "+".join(row.lago), row.target
    for name, defaults in (("defaults", mappings.defaults), *mappings.entity_defaults.items()):
        if defaults.tax is not None:
            yield f"{name}.tax", defaults.tax


def _this_month(facts: Facts) -> Verdict:
    return _period(facts, facts.now.date(), "today's")


def _last_month(facts: Facts) -> Verdict:
    return _period(facts, facts.now.date().replace(day=1) - timedelta(days=1), "last month's")


_CLOSE_PAGE = "NetSuite: Setup > Accounting > Manage Accounting Periods"


def _period(facts: Facts, day: date, whose: str) -> Verdict:
    blind = unseen(facts, "periods")
    if blind is not None:
        return blind
    period = period_of(read_periods(catalog_of(facts).rows("periods")), day)
    if period is None:
        return fail(
            f"No accounting period holds {day}: documents of {whose} date are refused.",
            f"{_CLOSE_PAGE} > Set Up Year.",
        )
    if period.is_open:
        return fine(f"{period.name} is open")
    return _shut(facts, period, whose)


def _shut(facts: Facts, period: Period, whose: str) -> Verdict:
    if setup_of(facts).moves_closed_periods:
        return fine(f"{period.name} is closed; its documents go to the next open one (closed_period_policy)")
    return warn(
        f"{period.name}, {whose} period, is closed or locked for receivables: its documents are held.",
        f'{_CLOSE_PAGE}: open it for a while; or [sync] closed_period_policy = "next_open".',
    )


def _unique_keys(facts: Facts) -> Verdict:
    proof = None if facts.ledger is None else facts.ledger.unique_keys
    if proof is None:
        return fine("not proven whether repeated keys are refused; the quarantine does not count on it")
    if proof.refused:
        return fine(f"refused, as a probe proved on {proof.at:%Y-%m-%d}")
    return warn(
        f"This account stores a repeated key (probe of {proof.at:%Y-%m-%d}): only look-ups and the quarantine keep a "
        "lost document from being doubled.",
        "Leave [push] quarantine_seconds at 960, and let nothing else write records with keys that begin with lago:.",
    )


SETUP_CHECKS = (
    Check("netsuite.features", "features", _features, ("netsuite.account",)),
    Check("netsuite.fields", "custom fields", _fields, ("netsuite.account",)),
    Check("netsuite.record_type", "custom record type", _record_type, ("netsuite.account",)),
    Check("netsuite.taxes", "tax regime", _taxes, ("netsuite.account", "mappings.file")),
    Check("netsuite.period", "today's period", _this_month, ("netsuite.account",)),
    Check("netsuite.last_period", "last month's period", _last_month, ("netsuite.account",)),
    Check("netsuite.archive", "archive folder", _archive, ("netsuite.account",)),
    Check("netsuite.unique_keys", "repeated keys", _unique_keys, ("netsuite.account",)),
)
