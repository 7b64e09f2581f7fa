"""Checks of NetSuite's door: the way to it, the login, the script behind it, the role.

A failed ``ping`` is one problem, and exactly one check claims it: the first that its code belongs to.
"""

from collections.abc import Sequence
from enum import Enum, auto

from lago_ns_cli.domain.diagnosis.checks import Check
from lago_ns_cli.domain.diagnosis.clock import is_off, judge_clock
from lago_ns_cli.domain.diagnosis.facts import Facts, NetSuiteFacts, Problem
from lago_ns_cli.domain.diagnosis.findings import Concern, Verdict, fail, fine, listed, skip, warn
from lago_ns_cli.domain.diagnosis.local import of_problem, setup_of
from lago_ns_cli.domain.diagnosis.logins import judge_login
from lago_ns_cli.domain.diagnosis.reach import judge_reach
from lago_ns_cli.domain.error_catalogue import Family, find
from lago_ns_cli.domain.exchange import Ping


class Stage(Enum):
    """How far a call got before it failed."""

    ANSWER = auto()  # no answer, or one that says "not now"
    LOGIN = auto()
    SCRIPT = auto()  # the login was accepted, the script did not run
    CONTRACT = auto()  # a script ran, but not ours, or of another contract
    ACCOUNT = auto()  # ours, in another account


_CONTRACT_CODES = ("netsuite_contract", "LAGO_UNKNOWN_CONTRACT", "LAGO_UNKNOWN_OPERATION")


def stage_of(problem: Problem) -> Stage:
    """Tell how far a call got."""
    if problem.concern is Concern.REACH:
        return Stage.ANSWER
    if problem.concern is Concern.ACCESS:
        row = find(problem.code)
        return Stage.SCRIPT if row is not None and row.family is Family.PERMISSION else Stage.LOGIN
    if problem.code == "netsuite_other_account":
        return Stage.ACCOUNT
    return Stage.CONTRACT if problem.code in _CONTRACT_CODES else Stage.SCRIPT


def netsuite_of(facts: Facts) -> NetSuiteFacts:
    """Give what NetSuite said."""
    assert facts.netsuite is not None
    return facts.netsuite


def ping_of(facts: Facts) -> Ping:
    """Give the answer to ``ping``; checks that ask for it need ``netsuite.account``."""
    ping = netsuite_of(facts).ping
    assert ping is not None
    return ping


def _problem_at(facts: Facts, stage: Stage) -> Problem | None:
    problem = netsuite_of(facts).problem
    return problem if problem is not None and stage_of(problem) is stage else None


def _reach(facts: Facts) -> Verdict:
    return judge_reach(netsuite_of(facts).reach, facts.now, "NetSuite", "[netsuite] account and base_url")


def _answer(facts: Facts) -> Verdict:
    problem = _problem_at(facts, Stage.ANSWER)
    if problem is None:
        return fine("it answers")
    row = find(problem.code)
    if row is not None and row.family is Family.LIMIT:
        return fail(
            "NetSuite takes no more calls at once: the account's limit is used up, by this program or by others.",
            "Run doctor again in a minute; see Setup > Integration > Integration Management > Integration Governance.",
            Concern.REACH,
        )
    return of_problem(problem)


def _clock(facts: Facts) -> Verdict:
    return judge_clock(netsuite_of(facts).clocks, "NetSuite", login=True)


def _login(facts: Facts) -> Verdict:
    problem = _problem_at(facts, Stage.LOGIN)
    if problem is None:
        way = (
            "OAuth 2.0"
            if setup_of(facts).auth == "oauth2"
            else "token-based; no new ones from NetSuite 2027.1 on"
        )
        return fine(f"accepted ({way})")
    if is_off(netsuite_of(facts).clocks):
        return skip("needs clock (netsuite): NetSuite refuses every login that is made at the wrong time")
    return judge_login(problem, facts)


def _script(facts: Facts) -> Verdict:
    problem = _problem_at(facts, Stage.SCRIPT)
    setup = setup_of(facts)
    if problem is None:
        return fine(f"{setup.script} / {setup.deploy} runs")
    page = f"NetSuite: Customization > Scripting > Script Deployments > {setup.deploy}:"
    if problem.concern is Concern.ACCESS:
        return fail(
            f"The login is accepted, but its role may not run {setup.script}.",
            f"{page} Audience: select the role of this login (Lago Integration).",
            Concern.ACCESS,
        )
    if problem.code in ("SSS_INVALID_SCRIPTLET_ID", "netsuite_http_404", "SSS_MISSING_REQD_ARGUMENT"):
        return fail(
            f"The login is accepted, but no released deployment answers as {setup.script} / {setup.deploy}: not "
            "deployed, status Testing, or another id.",
            f"{page} tick Deployed, Status Released, and the role in the audience. Not there: lago-ns restlet export "
            "DIR, then suitecloud project:deploy.",
        )
    return of_problem(problem)


_DEPLOY = "lago-ns restlet export DIR, then suitecloud project:deploy"


def _version(facts: Facts) -> Verdict:
    problem = _problem_at(facts, Stage.CONTRACT)
    packaged = netsuite_of(facts).packaged_version
    if problem is not None:
        return fail(
            f"The script in NetSuite is not the one of this program ({packaged}): {problem.message}",
            f"Deploy the current one: {_DEPLOY}.",
        )
    ping = netsuite_of(facts).ping
    if ping is None:
        return fine("it speaks contract 1")
    deployed = ping.script_version
    if version_of(deployed) < version_of(packaged):
        return warn(
            f"Script {deployed} is deployed; this program brings {packaged}.", f"Deploy it: {_DEPLOY}."
        )
    if version_of(deployed) > version_of(packaged):
        return fine(f"{deployed}, newer than this program's {packaged}")
    return fine(f"{deployed}, current")


def version_of(text: str) -> tuple[int, ...]:
    """Read a version; what is no number counts as 0."""
    return tuple(int(part) if part.isdigit() else 0 for part in text.split("."))


def _account(facts: Facts) -> Verdict:
    problem = _problem_at(facts, Stage.ACCOUNT)
    if problem is not None:
        return of_problem(problem)
    ping = ping_of(facts)
    return fine(
        f"{ping.account}, {ping.environment.lower() or 'unknown kind'}, as {ping.role or 'an unnamed role'}"
    )


def _permissions(facts: Facts) -> Verdict:
    ping = ping_of(facts)
    missing = ping.missing_permissions
    if not missing:
        return fine(f"the role {ping.role} has all that are needed")
    return fail(
        f"The role {ping.role} lacks {listed(missing, most=20)}.",
        f"NetSuite: Setup > Users/Roles > Manage Roles > {ping.role or 'the role'} > Edit > Permissions: "
        f"{_granting(missing)}.",
        Concern.ACCESS,
    )


def _granting(permissions: Sequence[str]) -> str:
    """Say where permissions are granted, tab by tab: ``on the tab Lists add Items (View)``."""
    tabs: dict[str, list[str]] = {}
    for permission in permissions:
        tab, _, name = permission.partition(" > ")
        tabs.setdefault(tab, []).append(name)
    return "; ".join(f"on the tab {tab} add {', '.join(names)}" for tab, names in tabs.items())


ACCESS_CHECKS = (
    Check("netsuite.reach", "connection", _reach, ("config.host",)),
    Check("netsuite.answer", "answer", _answer, ("netsuite.reach", "config.netsuite_login")),
    Check("netsuite.clock", "clock", _clock, ("netsuite.reach",)),
    Check("netsuite.login", "login", _login, ("netsuite.answer",)),
    Check("netsuite.script", "script", _script, ("netsuite.login",)),
    Check("netsuite.version", "script version", _version, ("netsuite.script",)),
    Check("netsuite.account", "account", _account, ("netsuite.version",)),
    Check("netsuite.permissions", "permissions", _permissions, ("netsuite.account",)),
)
