"""The error catalogue is whole: every code that anybody can meet has a meaning and a next step."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lago_ns_cli
from lago_ns_cli.cli.commands.errors import markdown_page
from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.doubt import ANSWERED_ENDS
from lago_ns_cli.domain.error_catalogue import (
    Disposition,
    Family,
    Origin,
    advice,
    catalogue,
    find,
    lookup,
    suggest,
)
from tests.cli import commands

PACKAGE = Path(lago_ns_cli.__file__).parent
ROOT = PACKAGE.parent
SCRIPTS = PACKAGE / "netsuite" / "suitescript" / "src" / "FileCabinet"

NETSUITE_CODES = """
    SSS_REQUEST_LIMIT_EXCEEDED WS_REQUEST_BLOCKED WS_CONCUR_SESSION_DISALLWD ACCT_TEMP_UNAVAILABLE
    SSS_USAGE_LIMIT_EXCEEDED SSS_TIME_LIMIT_EXCEEDED SSS_INSTRUCTION_COUNT_EXCEEDED SSS_MEMORY_USAGE_EXCEEDED
    UNEXPECTED_ERROR RCRD_HAS_BEEN_CHANGED RCRD_EDITED_SINCE_RETRIEVED RCRD_DSNT_EXIST RCRD_DELETED_SINCE_RETRIEVED
    RCRD_PREVSLY_DELETED TRANS_DSNT_EXIST SSS_RECORD_TYPE_MISMATCH DUP_RCRD UNIQUE_RCRD_ID_REQD DUP_ENTITY
    UNIQUE_CUST_ID_REQD UNIQUE_CUST_EMAIL_REQD DUP_NAME CANT_CREATE_NON_UNIQUE_RCRD NONUNIQUE_INDEX_VALUE
    INVALID_KEY_OR_REF INVALID_FLD_VALUE INVALID_FLD_RANGE INVALID_NUMBER INVALID_DATE_FORMAT DATE_EXPECTED
    INVALID_BOOLEAN_VALUE USER_ERROR MISSING_REQD_FLD DATA_REQD SSS_MISSING_REQD_ARGUMENT INSUFFICIENT_PERMISSION
    PERMISSION_VIOLATION INSUFFICIENT_FLD_PERMISSION INVALID_LOGIN_ATTEMPT INVALID_LOGIN INVALID_LOGIN_CREDENTIALS
    INVALID_LOGIN_IP TWO_FA_REQD INVALID_REQUEST SSS_INVALID_SCRIPTLET_ID INVALID_CONTENT_TYPE INVALID_DATA_FORMAT
    INVALID_RETURN_DATA_FORMAT VALID_PRD_REQD TRAN_PERIOD_CLOSED TRAN_PRD_CLOSED TRANS_EDIT_DISALLWD
    DATE_PRD_MISMATCH UNDEFINED_ACCTNG_PRD TRANS_UNBALNCD TRANS_LINES_UNBALNCD TRANS_APPLIED_AMTS_UNBALNCD
    TRANS_AMTS_UNBALNCD ROUNDING_DIFF_TOO_BIG ROUNDING_ERROR TRANS_IN_USE NEGATIVE_PAYMENT_DISALLWD INVALID_AMT
    INVALID_LINK_SUM INVALID_AUTOAPPLY_VALUE CANT_APPLY_PMT VALID_LINE_ITEM_REQD NONZERO_AMT_REQD
    MISMATCHED_CURRENCY INVALID_CUR NEXUS_REQD INVALID_NEXUS MISSING_CRNCY_EXCH_RATE INVALID_RCRD_TRANSFRM
    INVALID_RCRD_TYPE INVALID_INITIALIZE_REF RCRD_LOCKED_BY_WF RCRD_UNEDITABLE
    invalid_token invalid_request invalid_client invalid_grant
""".split()
"""Those that Oracle's help documents for what we do."""

LAGO_CODES = """
    invoice_not_found customer_not_found billing_entity_not_found resource_not_found feature_unavailable
    read_action_not_allowed_for_invoice write_action_not_allowed_for_customer validation_errors provider_error
    third_party_error too_many_provider_requests not_voidable metadata_on_draft_invoice update_on_voided_invoice
""".split()
"""Those that Lago's API answers with."""

CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
CODE_COMES_FIRST = {
    "refuse",
    "problem",
    "notice",
    "Notice",
    "Problem",
    "Obstacle",
    "_refusal",
    "error",
    "warning",
}
CODE_COMES_SECOND = {"plan_hold", "Verdict"}


def sources() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "simulator" not in path.parts]


def code_expressions(tree: ast.Module) -> Iterator[ast.expr]:
    """Find where a program names a code: ``refuse("…")``, ``code="…"``, ``default_code = "…"``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in CODE_COMES_FIRST:
                yield from node.args[:1]
            if name in CODE_COMES_SECOND:
                yield from node.args[1:2]
            yield from (word.value for word in node.keywords if word.arg == "code")
        if isinstance(node, ast.Assign) and "default_code" in {getattr(at, "id", "") for at in node.targets}:
            yield node.value


def constants() -> dict[str, set[str]]:
    """The values of the constants in capitals, by name; several modules may use one name."""
    found: dict[str, set[str]] = {}
    for path in sources():
        for name, value in re.findall(
            r'^(_?[A-Z_]+)(?:: Final)? = "(\w+)"$', path.read_text("utf-8"), re.MULTILINE
        ):
            found.setdefault(name, set()).add(value)
    return found


CONSTANTS = constants()


def parts_of(expression: ast.expr) -> Iterator[ast.AST]:
    """Walk an expression, but not into the arguments of calls, which are no codes."""
    yield expression
    if not isinstance(expression, ast.Call):
        for child in ast.iter_child_nodes(expression):
            if isinstance(child, ast.expr):
                yield from parts_of(child)


def codes_in(path: Path) -> set[str]:
    """The codes of a module; what an f-string leaves open stands as ``*``."""
    found = set()
    for expression in code_expressions(ast.parse(path.read_text("utf-8"))):
        for part in parts_of(expression):
            if isinstance(part, ast.Name):
                found |= CONSTANTS.get(part.id, set())
            if isinstance(part, ast.JoinedStr):
                found.add(
                    "".join(
                        str(piece.value) if isinstance(piece, ast.Constant) else "*" for piece in part.values
                    )
                )
            elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                found.add(part.value)
    parts_of_patterns = {piece for code in found if "*" in code for piece in code.split("*")}
    return {
        code for code in found if CODE.fullmatch(code.replace("*", "x")) and code not in parts_of_patterns
    }


def known(code: str) -> bool:
    """Tell whether a code, or every code that a pattern can become, has a row."""
    if "*" not in code:
        return find(code) is not None
    pattern = re.compile(re.escape(code).replace(r"\*", r"\w+"))
    return any(pattern.fullmatch(row.code.replace("*", "x")) for row in catalogue())


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_code_of_the_program_is_catalogued(path: Path) -> None:
    """Whoever adds a code says in ``domain/error_codes`` what it means and what to do."""
    assert [] == sorted(code for code in codes_in(path) if not known(code))


def test_every_code_of_the_restlet_is_catalogued() -> None:
    """``LAGO_…`` in the script and in the contract."""
    texts = [path.read_text("utf-8") for path in [*SCRIPTS.rglob("*.js"), ROOT / "docs" / "contract.md"]]
    found = {code for text in texts for code in re.findall(r"\bLAGO_[A-Z_]*[A-Z]\b", text)}

    assert len(found) > 15
    assert set() == {code for code in found if find(code) is None}


def test_every_code_that_the_simulated_account_answers_with_is_catalogued() -> None:
    """What NetSuite says there, it says for good reasons here too."""
    found: set[str] = set()
    for path in (PACKAGE / "simulator" / "netsuite").glob("*.py"):
        found |= set(re.findall(r'Error\(\s*"([A-Z]{3,}(?:_[A-Z]+)+)"', path.read_text("utf-8")))

    assert len(found) > 20
    assert set() == {code for code in found if find(code) is None}


@pytest.mark.parametrize("code", [*NETSUITE_CODES, *LAGO_CODES])
def test_every_documented_code_is_catalogued(code: str) -> None:
    """NetSuite's and Lago's own, as their documentation spells them."""
    assert find(code) is not None


@pytest.mark.parametrize("status", [200, 301, 302, 401, 403, 404, 405, 415, 418, 429, 500, 502, 503, 504])
def test_an_answer_without_a_code_is_catalogued_by_its_status(status: int) -> None:
    """``netsuite_http_…`` of any status, and ``lago_http_…``."""
    assert f"netsuite_http_{status}" == lookup(f"netsuite_http_{status}").code
    assert Origin.NETSUITE is lookup(f"netsuite_http_{status}").origin
    assert find(f"lago_http_{status}") is not None


def test_a_row_says_what_and_what_next() -> None:
    """Whole sentences, and a command unless nothing is to be done."""
    for row in catalogue():
        for text in (row.meaning, row.action):
            assert text == text.strip(), row
            assert text.endswith("."), row
        assert row.command is not None or row.disposition is Disposition.NOTE, row


def named_commands() -> list[str]:
    """Every call of the program that a row names."""
    rows = catalogue()
    quoted = {line for row in rows for line in re.findall(r"`(lago-ns [^`]+)`", row.action)}
    return sorted(quoted | {row.command for row in rows if row.command})


@pytest.mark.parametrize("line", named_commands())
def test_the_commands_of_the_rows_exist(line: str) -> None:
    """Nobody is sent to a command or an option that is not there."""
    path, options = commands.parse(line.replace("…", "invoice"))

    assert path
    assert options <= commands.options_of(commands.tree()[path])


def test_no_code_stands_twice() -> None:
    """One meaning each."""
    codes = [row.code for row in catalogue()]

    assert sorted(set(codes)) == sorted(codes)


@pytest.mark.parametrize(
    ("code", "disposition", "burns", "safe"),
    [
        # Limits, logins and permissions are no fault of the document.
        ("SSS_REQUEST_LIMIT_EXCEEDED", Disposition.RETRY, False, True),
        ("ACCT_TEMP_UNAVAILABLE", Disposition.RETRY, False, True),
        ("INVALID_LOGIN_ATTEMPT", Disposition.STOP, False, True),
        ("INSUFFICIENT_PERMISSION", Disposition.HOLD, False, True),
        ("SSS_INVALID_SCRIPTLET_ID", Disposition.STOP, False, True),
        # Perhaps executed: never sent again before a look-up.
        ("SSS_TIME_LIMIT_EXCEEDED", Disposition.RETRY, True, False),
        ("UNEXPECTED_ERROR", Disposition.RETRY, True, False),
        ("answer_lost", Disposition.RETRY, True, False),
        ("process_died", Disposition.RETRY, True, False),
        ("DUP_RCRD", Disposition.HOLD, True, False),
        ("LAGO_FINGERPRINT_DIFFERS", Disposition.HOLD, True, False),
        ("read_back_differs", Disposition.HOLD, True, False),
        # Refused by NetSuite, or before anything was sent.
        ("RCRD_HAS_BEEN_CHANGED", Disposition.RETRY, True, True),
        ("INVALID_KEY_OR_REF", Disposition.HOLD, True, True),
        ("TRAN_PERIOD_CLOSED", Disposition.HOLD, True, True),
        ("item_unmapped", Disposition.HOLD, False, True),
        ("parent_not_posted", Disposition.WAIT, False, True),
        ("zero", Disposition.NOTE, False, True),
    ],
)
def test_a_code_is_treated_by_what_may_have_happened(
    code: str, disposition: Disposition, burns: bool, safe: bool
) -> None:
    """The class, whether it counts as an attempt, and whether sending again is safe."""
    row = lookup(code)

    assert (disposition, burns, safe) == (row.disposition, row.burns_attempt, row.resend_safe)


def test_what_netsuite_ended_itself_is_looked_up_first() -> None:
    """The ends that need no quarantine are unknown outcomes all the same."""
    assert {Family.UNKNOWN} == {lookup(code).family for code in ANSWERED_ENDS}


@pytest.mark.parametrize(
    ("code", "origin", "family"),
    [
        ("AVA_TAX_ADDRESS_ERROR", Origin.NETSUITE, Family.REFUSED),
        ("something_new", Origin.PROGRAM, Family.UNSENT),
        (None, Origin.PROGRAM, Family.UNSENT),
    ],
)
def test_an_unknown_code_has_a_row_all_the_same(code: str | None, origin: Origin, family: Family) -> None:
    """Bundles of the account bring names of their own; a person looks, and nothing is sent meanwhile."""
    row = lookup(code)

    assert (origin, family) == (row.origin, row.family)
    assert Disposition.HOLD is row.disposition
    assert code in (row.code, None)
    assert find(code or "") is None


def test_upper_and_lower_case_are_different_codes() -> None:
    """NetSuite's INVALID_REQUEST is not OAuth's invalid_request."""
    assert lookup("INVALID_REQUEST").meaning != lookup("invalid_request").meaning


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("USER_EROR", "USER_ERROR"),
        ("sss limit", "SSS_REQUEST_LIMIT_EXCEEDED"),
        ("item_unmaped", "item_unmapped"),
        ("period closed", "TRAN_PERIOD_CLOSED"),
    ],
)
def test_a_slip_is_understood(text: str, expected: str) -> None:
    """Words of a code in any order, or a code with a slip in it."""
    assert expected in suggest(text)


@pytest.mark.parametrize("text", ["", "%%%", "qqqqqqqqqqqq"])
def test_nothing_is_suggested_for_nothing(text: str) -> None:
    """No guess is better than a wild one."""
    assert [] == suggest(text)


@pytest.mark.parametrize(
    ("state", "code", "expected"),
    [
        (State.HELD, "item_unmapped", "item_unmapped"),
        (State.IN_DOUBT, "USER_ERROR", "in_doubt"),
        (State.IN_DOUBT, "answer_lost", "answer_lost"),
        (State.IN_DOUBT, "INSUFFICIENT_PERMISSION", "INSUFFICIENT_PERMISSION"),
        (State.IN_DOUBT, None, "in_doubt"),
        (State.SENDING, None, "sending"),
        (State.WAITING, None, "parent_not_posted"),
        (State.PENDING, None, "pending"),
        (State.PENDING, "unreachable", "unreachable"),
    ],
)
def test_advice_goes_by_the_state_too(state: State, code: str | None, expected: str) -> None:
    """Of a document in doubt, the doubt matters, not the error that came with it."""
    assert expected == advice(state, code).code


def test_the_page_of_codes_is_up_to_date() -> None:
    """To renew it: ``lago-ns errors --markdown > docs/errors.md``."""
    assert markdown_page() == (ROOT / "docs" / "errors.md").read_text("utf-8")
