"""Checks of Lago: is it there, does it know the key, what does the key open."""

from collections.abc import Mapping

from lago_ns_cli.domain.diagnosis.checks import Check
from lago_ns_cli.domain.diagnosis.clock import judge_clock
from lago_ns_cli.domain.diagnosis.facts import Facts, LagoFacts, Problem
from lago_ns_cli.domain.diagnosis.findings import Concern, Verdict, fail, fine, listed, skip, warn
from lago_ns_cli.domain.diagnosis.local import of_problem, setup_of
from lago_ns_cli.domain.diagnosis.reach import judge_reach

ALWAYS_READ = ("billing_entities", "plans", "billable_metrics", "add_ons", "coupons", "taxes")
"""Lists that ``fetch-catalog`` reads, by the name in their address."""

READ_BY_KIND: Mapping[str, tuple[str, ...]] = {
    "customer": ("customers",),
    "invoice": ("invoices", "fees"),
    "credit_note": ("credit_notes",),
    "payment": ("payments",),
}

WRITTEN = ("invoices", "credit_notes", "payments")
"""What only writing back to Lago needs."""

SCOPES: Mapping[str, str] = {
    "billing_entities": "billing_entity", "plans": "plan", "billable_metrics": "billable_metric",
    "add_ons": "add_on", "coupons": "coupon", "taxes": "tax", "customers": "customer", "invoices": "invoice",
    "fees": "fee", "credit_notes": "credit_note", "payments": "payment",
}  # fmt: skip
"""Lago's name of the permission that opens a list."""


def needed_reads(kinds: frozenset[str]) -> list[str]:
    """Name the lists that a set-up reads."""
    by_kind = [name for kind, names in READ_BY_KIND.items() if kind in kinds for name in names]
    return [*by_kind, *ALWAYS_READ]


def lago_of(facts: Facts) -> LagoFacts:
    """Give what Lago said."""
    assert facts.lago is not None
    return facts.lago


def _reach(facts: Facts) -> Verdict:
    return judge_reach(lago_of(facts).reach, facts.now, "Lago", "[lago] base_url")


def _answer(facts: Facts) -> Verdict:
    problem = lago_of(facts).problem
    if problem is None or problem.concern is Concern.ACCESS:
        return fine("it answers")
    return of_problem(problem)


def _clock(facts: Facts) -> Verdict:
    return judge_clock(lago_of(facts).clocks, "Lago", login=False)


def _key(facts: Facts) -> Verdict:
    problem = lago_of(facts).problem
    if problem is None:
        return fine("accepted")
    if problem.status == 401:
        return fail(
            f"Lago at {lago_of(facts).reach.host} does not know the API key: revoked, or of another region or server.",
            "Make one in Lago (Developers > API keys), then: lago-ns auth login lago. For the EU region, "
            '[lago] base_url = "https://api.eu.getlago.com".',
            Concern.ACCESS,
        )
    return of_problem(problem)


def _organization(facts: Facts) -> Verdict:
    organization = lago_of(facts).organization
    if organization is None:
        return skip("Lago did not name it")
    known = None if facts.ledger is None else facts.ledger.organization
    if known is not None and known != organization.identity:
        return fail(
            f"The key opens the organization {organization.name}, but the ledger of profile {setup_of(facts).profile} "
            "belongs to another one.",
            "Store the key of that organization (lago-ns auth login lago), or use another --profile for this one.",
        )
    return fine(organization.name)


def _scopes(facts: Facts) -> Verdict:
    lago = lago_of(facts)
    reads = needed_reads(setup_of(facts).kinds)
    refused = [name for name in reads if name in lago.refused_reads]
    if refused:
        scopes = [SCOPES[name] for name in refused]
        return _refused(scopes, [lago.refused_reads[name] for name in refused])
    needed = [SCOPES[name] for name in setup_of(facts).written_back if name in lago.refused_writes]
    if needed:
        return fail(
            f"The API key may not write {listed(needed)}, and every `sync all` is to write back to Lago.",
            f"Lago: Developers > API keys > this key: tick Write for {listed(needed)}; or [write_back] with_sync_all = false.",
            Concern.ACCESS,
        )
    text = f"reads all {len(reads)} lists"
    if lago.refused_writes:
        names = listed(SCOPES[name] for name in lago.refused_writes)
        text += f"; may not write {names}, which only writing back to Lago needs"
    return fine(text)


def _refused(scopes: list[str], problems: list[Problem]) -> Verdict:
    if all(problem.concern is Concern.ACCESS for problem in problems):
        return fail(
            f"The API key may not read {listed(scopes, most=12)}.",
            f"Lago: Developers > API keys > this key: tick Read for {listed(scopes, most=12)}.",
            Concern.ACCESS,
        )
    return of_problem(next(one for one in problems if one.concern is not Concern.ACCESS))


def _rate(facts: Facts) -> Verdict:
    rate = lago_of(facts).rate
    if rate is None:
        return fine("Lago names no limit, as when it is self-hosted")
    limit, left = rate
    if left * 5 < limit:
        return warn(
            f"Only {left} of {limit} calls a second are left: something else calls Lago for this organization.",
            "Run the big transfers at another time; lago-ns waits where Lago asks it to.",
        )
    return fine(f"{limit} calls a second, {left} left")


LAGO_CHECKS = (
    Check("lago.reach", "connection", _reach, ("config.file",)),
    Check("lago.answer", "answer", _answer, ("lago.reach", "config.lago_key")),
    Check("lago.clock", "clock", _clock, ("lago.reach",)),
    Check("lago.key", "API key", _key, ("lago.answer",)),
    Check("lago.organization", "organization", _organization, ("lago.key",)),
    Check("lago.scopes", "key's permissions", _scopes, ("lago.key",)),
    Check("lago.rate", "rate limit", _rate, ("lago.key",)),
)
