"""Token-based authentication: OAuth 1.0a signatures, read from RFC 5849 and from NetSuite's help.

This is a reading of its own. The client signs with a library; if both were wrong in the same way,
no test against the simulator could tell.

NetSuite's additions to the RFC: HMAC-SHA256 alone, version 1.0 must be present, a nonce of 6 to 64
characters, five minutes either way for the timestamp, and the account id as the realm.
Source: RFC 5849 section 3; Oracle's help ``section_1534941088`` and ``section_1534939551``.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, unquote_to_bytes

from lago_ns_cli.simulator.netsuite.logins import LoginRefusedError, MalformedAuthorizationError, RequestHead

TIMESTAMP_TOLERANCE = timedelta(minutes=5)
NONCE_LENGTHS = range(6, 65)

_PARAMETER = re.compile(r'\s*([A-Za-z_]+)="([^"]*)"\s*')
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_REQUIRED = (
    "oauth_consumer_key",
    "oauth_token",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_version",
    "oauth_signature",
)


def parse_authorization(header: str) -> dict[str, str]:
    """Take an ``OAuth`` header apart (RFC 5849 section 3.5.1).

    Returns:
        The decoded parameters, ``realm`` among them.

    Raises:
        MalformedAuthorizationError: It is not a list of ``name="value"``, a name comes twice or an escape is broken.
    """
    parameters: dict[str, str] = {}
    _, _, listed = header.partition(" ")
    for part in listed.split(","):
        match = _PARAMETER.fullmatch(part)
        if match is None or match[1] in parameters or _BAD_ESCAPE.search(match[2]):
            raise MalformedAuthorizationError(f"{part.strip()!r} is not one parameter of the header")
        parameters[match[1]] = _decode(match[2])
    return parameters


def base_string(request: RequestHead, oauth_parameters: Mapping[str, str]) -> str:
    """Build the text that is signed (RFC 5849 section 3.4.1).

    Args:
        request: What came over the wire; its query is decoded and encoded again.
        oauth_parameters: The header's parameters; ``realm`` and ``oauth_signature`` are left out.
    """
    signed = [
        (key, value) for key, value in oauth_parameters.items() if key not in ("realm", "oauth_signature")
    ]
    pairs = sorted((_encode(key), _encode(value)) for key, value in [*signed, *_query_pairs(request.query)])
    normalized = "&".join(f"{key}={value}" for key, value in pairs)
    return "&".join(_encode(part) for part in (request.method.upper(), _base_uri(request), normalized))


def signature(text: str, *, consumer_secret: str, token_secret: str) -> str:
    """Sign a base string with HMAC-SHA256; base64 as it stands in the header, before percent-encoding."""
    key = f"{_encode(consumer_secret)}&{_encode(token_secret)}"
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha256)).decode()


def _base_uri(request: RequestHead) -> str:
    """Lower-case scheme and host, the port only where it is not the scheme's own (section 3.4.1.2)."""
    scheme, authority = request.scheme.lower(), request.host.lower()
    host, colon, port = authority.rpartition(":")
    if colon and port == _DEFAULT_PORTS.get(scheme):
        authority = host
    return f"{scheme}://{authority}{request.path}"


def _query_pairs(query: str) -> Iterable[tuple[str, str]]:
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        yield _decode(name.replace("+", " ")), _decode(value.replace("+", " "))


def _encode(text: str) -> str:
    return quote(text, safe="", errors="surrogateescape")


def _decode(text: str) -> str:
    # Bytes that are not UTF-8 survive the way through and are encoded again as they came.
    return unquote_to_bytes(text).decode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class Token:
    """A token of an integration: whoever holds it acts as a user in a role."""

    token_id: str
    token_secret: str
    consumer_key: str
    user: str
    role_id: str


class TbaVerifier:
    """Checks signed requests against the integrations and tokens of one account.

    Args:
        account_id: Expected as the realm, upper case.
        consumers: Consumer key to consumer secret.
        tokens: All tokens that were issued.
    """

    def __init__(self, account_id: str, consumers: Mapping[str, str], tokens: Iterable[Token]) -> None:
        self._account_id = account_id
        self._consumers = dict(consumers)
        self._tokens = {token.token_id: token for token in tokens}
        self._used_nonces: dict[tuple[str, str, str], datetime] = {}

    def identify(self, header: str) -> tuple[Token, dict[str, str]]:
        """Find the token a header names, before anything is proven.

        Raises:
            MalformedAuthorizationError: The header cannot be read.
            LoginRefusedError: A parameter is missing, or the consumer or token is unknown.
        """
        parameters = parse_authorization(header)
        missing = [name for name in _REQUIRED if not parameters.get(name)]
        if missing:
            raise MalformedAuthorizationError(f"missing {', '.join(missing)}")
        consumer_key, token_id = parameters["oauth_consumer_key"], parameters["oauth_token"]
        if consumer_key not in self._consumers:
            raise LoginRefusedError(
                "consumer_key_unknown", f"no integration has the consumer key {consumer_key}"
            )
        token = self._tokens.get(token_id)
        if token is None or token.consumer_key != consumer_key:
            raise LoginRefusedError("token_rejected", f"the integration has no token {token_id}")
        return token, parameters

    def issue(self, token: Token) -> None:
        """Make another token valid, beside those there are."""
        self._tokens[token.token_id] = token

    def revoke(self, token_id: str) -> None:
        """Take a token back, as a person does on the page of access tokens."""
        self._tokens.pop(token_id, None)

    def verify(
        self, request: RequestHead, token: Token, parameters: Mapping[str, str], now: datetime
    ) -> None:
        """Prove that the request was signed with the token's secrets, just now and for the first time.

        Raises:
            LoginRefusedError: It was not; the reason is the login audit's word.
        """
        self._check_form(parameters)
        self._check_timestamp(parameters["oauth_timestamp"], now)
        expected = signature(
            base_string(request, parameters),
            consumer_secret=self._consumers[token.consumer_key],
            token_secret=token.token_secret,
        )
        given = parameters["oauth_signature"].encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(expected.encode(), given):
            raise LoginRefusedError("InvalidSignature", "the signature does not fit the request")
        self._check_nonce(token, parameters, now)

    def _check_form(self, parameters: Mapping[str, str]) -> None:
        realm, method = parameters.get("realm"), parameters["oauth_signature_method"]
        if realm != self._account_id:
            raise LoginRefusedError(
                "InvalidRealm", f"the realm is {realm!r}, the account {self._account_id!r}"
            )
        if parameters["oauth_version"] != "1.0":
            raise LoginRefusedError(
                "version_rejected", f"oauth_version is {parameters['oauth_version']!r}, not 1.0"
            )
        if method != "HMAC-SHA256":
            raise LoginRefusedError(
                "signature_method_rejected", f"{method!r} is not supported, HMAC-SHA256 is"
            )
        if len(parameters["oauth_nonce"]) not in NONCE_LENGTHS:
            raise LoginRefusedError("nonce_rejected", "a nonce has 6 to 64 characters")

    def _check_timestamp(self, text: str, now: datetime) -> None:
        if not re.fullmatch(r"[0-9]{1,12}", text):
            raise LoginRefusedError("InvalidTimestamp", f"{text!r} is not a number of seconds")
        drift = int(text) - now.timestamp()
        if abs(drift) > TIMESTAMP_TOLERANCE.total_seconds():
            raise LoginRefusedError("InvalidTimestamp", f"{drift:+.0f} s away from the server's clock")

    def _check_nonce(self, token: Token, parameters: Mapping[str, str], now: datetime) -> None:
        # An older timestamp is refused anyway, so nonces need not be kept for longer than twice the tolerance.
        horizon = now - 2 * TIMESTAMP_TOLERANCE
        self._used_nonces = {use: at for use, at in self._used_nonces.items() if at >= horizon}
        use = (token.user, parameters["oauth_timestamp"], parameters["oauth_nonce"])
        if use in self._used_nonces:
            raise LoginRefusedError("nonce_used", "this nonce was used before with this timestamp")
        self._used_nonces[use] = now
