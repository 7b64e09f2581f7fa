"""Checks that need no network: configuration, secrets, mapping file."""

import re
from datetime import timedelta

from lago_ns_cli.domain.diagnosis.checks import Check
from lago_ns_cli.domain.diagnosis.facts import Facts, MappingFacts, Problem, SecretFact, SecretFacts, Setup
from lago_ns_cli.domain.diagnosis.findings import Concern, Verdict, fail, fine, listed, skip, warn
from lago_ns_cli.domain.mapping import CreditNotePolicy, Mappings

SCRIPT_RUNS_SECONDS = 300
"""How long NetSuite lets a RESTlet run, and so how late a lost call may still commit."""

SMALLEST_LIMIT = 5
"""Calls at once that every NetSuite account allows, for all its integrations together."""

_CERTIFICATE_WARNING = timedelta(days=60)
_USUAL_ACCOUNT = re.compile(r"(?:\d+|TSTDRV\d+|TD\d+)(?:_(?:SB|RP)\d*)?")
_RUN_TOGETHER = re.compile(r"(\d+)((?:SB|RP)\d*)")


def setup_of(facts: Facts) -> Setup:
    """Give the settings; checks that ask for them need ``config.file``."""
    assert facts.setup is not None
    return facts.setup


def of_problem(problem: Problem) -> Verdict:
    """Turn an error into a failure, with all that it named."""
    details = [detail for detail in problem.details if detail != problem.message]
    why = " ".join([problem.message, "; ".join(details)]).rstrip()
    return fail(why, problem.hint or f"lago-ns errors {problem.code}".rstrip(), problem.concern)


def _file(facts: Facts) -> Verdict:
    if facts.config_problem is not None:
        return of_problem(facts.config_problem)
    setup = setup_of(facts)
    return fine(f"{setup.path or 'variables alone, no file'}, profile {setup.profile}")


def _permissions(facts: Facts) -> Verdict:
    setup = setup_of(facts)
    if setup.path is None:
        return skip("there is no file")
    if setup.others_may_write:
        return warn(
            f"Other users of this machine may change {setup.path}, and with it where documents go.",
            f"chmod go-w {setup.path}, or: lago-ns doctor --fix",
        )
    return fine("only its owner may change the file")


def _account(facts: Facts) -> Verdict:
    account = setup_of(facts).account
    if account is None:
        return fail(
            "No NetSuite account is set.",
            'Set [netsuite] account = "1234567" to the id in Setup > Company > Company Information.',
        )
    if account_looks_usual(account):
        return fine(account)
    return warn(
        f"{account} is not how account ids look; a login names it as its realm and would be refused.",
        f"Set [netsuite] account to the id in Setup > Company > Company Information, such as {usual_account(account)}.",
    )


def account_looks_usual(account: str) -> bool:
    """Tell whether an account id has one of the forms that NetSuite gives."""
    return _USUAL_ACCOUNT.fullmatch(account) is not None


def usual_account(account: str) -> str:
    """Guess how an account id was meant."""
    together = _RUN_TOGETHER.fullmatch(account)
    return f"{together[1]}_{together[2]}" if together else "1234567 or 1234567_SB1"


def _host(facts: Facts) -> Verdict:
    setup = setup_of(facts)
    if setup.host_problem is not None:
        return of_problem(setup.host_problem)
    simulated = ", on this machine: a simulator" if setup.simulated else ""
    return fine(f"{setup.netsuite_url}{simulated}")


def secrets_of(facts: Facts) -> SecretFacts:
    """Give what is known of the secrets."""
    assert facts.secrets is not None
    return facts.secrets


def _lago_key(facts: Facts) -> Verdict:
    return _present([secrets_of(facts).lago], "the Lago API key")


def _netsuite_secrets(facts: Facts) -> Verdict:
    secrets = secrets_of(facts)
    verdict = _present(secrets.netsuite, "the NetSuite login")
    if secrets.unusable is not None and verdict.concern is None:
        return of_problem(secrets.unusable)
    return verdict


def _present(secrets: "tuple[SecretFact, ...] | list[SecretFact]", what: str) -> Verdict:
    broken = next((one.problem for one in secrets if one.problem is not None), None)
    if broken is not None:
        return of_problem(broken)
    absent = [one for one in secrets if one.where is None]
    if absent:
        names = listed(one.name for one in absent)
        variables = listed(one.variable for one in absent)
        whole = (
            f"{what[:1].upper()}{what[1:]} is" if len(absent) == len(secrets) else f"Of {what}, {names} is"
        )
        return fail(f"{whole} not stored.", f"lago-ns auth login, or set {variables}")
    where = listed(sorted({_place(one) for one in secrets}))
    return fine(f"in the {where}")


def _place(secret: SecretFact) -> str:
    return "environment" if secret.where == "variable" else str(secret.where)


def _keyring(facts: Facts) -> Verdict:
    secrets = secrets_of(facts)
    if secrets.keyring is not None:
        return of_problem(secrets.keyring)
    return fine(secrets.keyring_name or "not needed: every secret comes from the environment")


def _certificate(facts: Facts) -> Verdict:
    if setup_of(facts).auth != "oauth2":
        return skip("token-based logins have none; NetSuite sets up no new ones from 2027.1 on")
    ends_at = secrets_of(facts).certificate_ends_at
    if ends_at is None:
        return skip(
            "when it ends is not known here", "NetSuite: Setup > Integration > OAuth 2.0 Client Credentials"
        )
    day, left = f"{ends_at:%Y-%m-%d}", ends_at - facts.now
    if left <= timedelta(0):
        return fail(
            f"The certificate ended on {day}; NetSuite refuses it.",
            "lago-ns auth rotate netsuite",
            Concern.ACCESS,
        )
    if left <= _CERTIFICATE_WARNING:
        return warn(f"The certificate ends on {day}, in {left.days} days.", "lago-ns auth rotate netsuite")
    return fine(f"until {day}")


def _quarantine(facts: Facts) -> Verdict:
    setup = setup_of(facts)
    proof = None if facts.ledger is None else facts.ledger.unique_keys
    seconds, longest = setup.quarantine_seconds, max(setup.timeout_seconds, SCRIPT_RUNS_SECONDS)
    if proof is not None and not proof.refused and seconds < longest:
        return fail(
            f"quarantine_seconds is {seconds}, and the probe of {proof.at:%Y-%m-%d} showed that this account takes a "
            "repeated key: a document whose answer is lost would be doubled.",
            f"Set [push] quarantine_seconds to {longest} or more; 960 is the default.",
        )
    if seconds >= longest:
        return fine(f"{seconds} s, longer than a lost call can take to commit")
    if proof is not None:
        return fine(f"{seconds} s; repeated keys are refused here (probe of {proof.at:%Y-%m-%d})")
    return fail(
        f"quarantine_seconds is {seconds}, but a lost call may commit for {longest} s: sent again earlier, a document "
        "may be doubled.",
        "Remove the setting (960 is the default), or prove that repeated keys are refused: lago-ns doctor --probe",
    )


def _timeout(facts: Facts) -> Verdict:
    setup = setup_of(facts)
    if setup.timeout_seconds < SCRIPT_RUNS_SECONDS:
        return warn(
            f"timeout_seconds is {setup.timeout_seconds}, but NetSuite lets a script run for {SCRIPT_RUNS_SECONDS} s: "
            "slow calls are given up while they still work, and their documents are in doubt.",
            "Set [push] timeout_seconds to 330, the default.",
        )
    return fine(f"{setup.timeout_seconds} s")


def _concurrency(facts: Facts) -> Verdict:
    setup = setup_of(facts)
    limit = None if facts.ledger is None else facts.ledger.limit
    known = (
        "the account's limit is not known yet"
        if limit is None
        else f"the last run found {limit} to be allowed"
    )
    if setup.concurrency is None:
        return fine(f"auto, {setup.leave_free} left free; {known}")
    room = SMALLEST_LIMIT if limit is None else limit
    if setup.concurrency > room - setup.leave_free:
        reason = f"{known}, and the smallest accounts allow {SMALLEST_LIMIT}" if limit is None else known
        return warn(
            f"{setup.concurrency} calls at once and {setup.leave_free} left free: {reason}, for all integrations.",
            'Set [push] concurrency = "auto". NetSuite tells the limit to administrators: Setup > Integration > '
            "Integration Management > Integration Governance.",
        )
    return fine(f"{setup.concurrency} calls at once; {known}")


def mapping_of(facts: Facts) -> MappingFacts:
    """Give what is known of the mapping file."""
    assert facts.mapping is not None
    return facts.mapping


def mappings_of(facts: Facts) -> Mappings:
    """Give the mappings; checks that ask for them need ``mappings.file``."""
    mappings = mapping_of(facts).mappings
    assert mappings is not None
    return mappings


def _mapping_file(facts: Facts) -> Verdict:
    mapping = mapping_of(facts)
    if mapping.problem is not None:
        return of_problem(mapping.problem)
    if mapping.others_may_write:
        return warn(
            f"Other users of this machine may change {mapping.path}, and with it what is booked where.",
            f"chmod go-w {mapping.path}, or: lago-ns doctor --fix",
        )
    return fine(mapping.path)


_NEGATIVE_LINE_COSTS = (
    "negative_line shows a consumed credit note as a negative line and leaves its memo open: the credit counts twice "
    "in NetSuite until somebody applies the memo"
)


def _credit_note_policy(facts: Facts) -> Verdict:
    mappings = mappings_of(facts)
    said = mappings.defaults.credit_note_policy
    own = {
        code: one.credit_note_policy
        for code, one in mappings.entity_defaults.items()
        if one.credit_note_policy
    }
    counted_twice = [code for code, policy in own.items() if policy is CreditNotePolicy.NEGATIVE_LINE]
    if said is None:
        return warn(
            f"No credit_note_policy is chosen, so it is negative_line: {_NEGATIVE_LINE_COSTS}.",
            "lago-ns map set default credit_note_policy --to apply_memo (or negative_line, if that is meant)",
        )
    if said is CreditNotePolicy.NEGATIVE_LINE:
        return fine(f"negative_line, as chosen. Mind: {_NEGATIVE_LINE_COSTS}")
    if counted_twice:
        return fine(
            f"apply_memo; but for {listed(counted_twice)} negative_line. Mind: {_NEGATIVE_LINE_COSTS}"
        )
    return fine("apply_memo: credit counts once")


CONFIG_CHECKS = (
    Check("config.file", "configuration file", _file),
    Check("config.permissions", "file permissions", _permissions, ("config.file",)),
    Check("config.account", "account id", _account, ("config.file",)),
    Check("config.host", "NetSuite address", _host, ("config.file", "config.account")),
    Check("config.lago_key", "Lago API key", _lago_key, ("config.file",)),
    Check(
        "config.netsuite_login", "NetSuite credentials", _netsuite_secrets, ("config.file", "config.account")
    ),
    Check("config.keyring", "keyring", _keyring, ("config.file",)),
    Check("config.certificate", "certificate", _certificate, ("config.file",)),
    Check("config.quarantine", "quarantine", _quarantine, ("config.file",)),
    Check("config.timeout", "timeout", _timeout, ("config.file",)),
    Check("config.concurrency", "calls at once", _concurrency, ("config.file",)),
)

MAPPING_CHECKS = (
    Check("mappings.file", "mapping file", _mapping_file, ("config.file",)),
    Check("mappings.credit_notes", "credit-note policy", _credit_note_policy, ("mappings.file",)),
)
