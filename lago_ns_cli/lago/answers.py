"""Lago's refusals, told as the errors of this tool.

Source: the error bodies of Lago's API (``{"status", "error", "code", "error_details"}``); what
comes from a proxy before it may be anything.
"""

import re
from collections.abc import Mapping

import msgspec

from lago_ns_cli.connection import Answer
from lago_ns_cli.errors import AuthError, LimitError, RejectedError, RemoteError, TransientError

SYSTEM = "Lago"

_LOGIN_HINT = "Store a valid API key with `lago-ns auth login`."
_PERMISSION = re.compile(r"(read|write)_action_not_allowed_for_(\w+)")
_LONGEST_QUOTE = 300


def refusal(answer: Answer, what: str) -> RemoteError:
    """Tell what an answer other than 2xx means.

    Args:
        what: What was asked for, as it stands in a sentence: ``"invoice 0123…"``.
    """
    body = _json_object(answer.body)
    code = body.get("code")
    code = code if isinstance(code, str) and code else None
    if answer.status == 401:
        return AuthError(
            f"Lago refused the API key when asked for {what}.",
            system=SYSTEM,
            hint=_LOGIN_HINT,
            code="lago_unauthorized",
            status=401,
        )
    if answer.status == 403:
        return _forbidden(code, what)
    if answer.status == 429:
        return LimitError(
            f"Lago answers no more calls for now; it was asked for {what}.",
            system=SYSTEM,
            hint="Lago allows 50 calls a second for a whole organization; run the command again.",
            code="lago_rate_limit",
            status=429,
            retry_after_seconds=retry_after_seconds(answer.headers),
        )
    if answer.status >= 500:
        return TransientError(
            f"Lago failed (HTTP {answer.status}) when asked for {what}.",
            system=SYSTEM,
            hint="Run the command again in a while.",
            code="lago_unavailable",
            status=answer.status,
            retry_after_seconds=retry_after_seconds(answer.headers),
        )
    if 300 <= answer.status < 400:
        return _redirected(answer, what)
    return _rejected(answer, body, code, what)


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Read how long Lago wants to be left alone.

    ``X-RateLimit-Reset`` holds the seconds that are left of the window, not an epoch.
    """
    for name in ("x-ratelimit-reset", "retry-after"):
        try:
            seconds = float(headers.get(name, ""))
        except ValueError:
            continue
        if 0 <= seconds < 86_400:
            return seconds
    return None


def _forbidden(code: str | None, what: str) -> RemoteError:
    if code == "feature_unavailable":
        return RejectedError(
            f"Lago does not offer {what} to this organization: it needs a premium licence.",
            system=SYSTEM,
            hint="Ask whoever runs Lago about its licence.",
            code=code,
            status=403,
        )
    match = _PERMISSION.fullmatch(code or "")
    if match:
        action, resource = match.groups()
        return AuthError(
            f"The Lago API key may not {action} {resource} objects, so {what} cannot be fetched.",
            system=SYSTEM,
            hint=f"Give the key the permission {resource}: {action} in Lago (Developers > API keys).",
            code=code,
            status=403,
        )
    return AuthError(
        f"Lago forbids access to {what}" + (f" ({code})." if code else "."),
        system=SYSTEM,
        hint="Check the key's permissions in Lago, and that lago.base_url is right.",
        code=code or "lago_forbidden",
        status=403,
    )


def _redirected(answer: Answer, what: str) -> RemoteError:
    return RejectedError(
        f"Lago answered HTTP {answer.status} with another address when asked for {what}; "
        "redirects are not followed, for they could take the API key elsewhere.",
        system=SYSTEM,
        hint="Set lago.base_url to the address of Lago's API itself.",
        code="lago_redirect",
        status=answer.status,
    )


def _rejected(answer: Answer, body: Mapping[str, object], code: str | None, what: str) -> RemoteError:
    if answer.status == 404 and code not in (None, "resource_not_found"):
        message = _unknown(code or "", what)
        hint = "Check the id, and that the API key is of this organization."
    elif answer.status == 404:
        message, hint = f"Lago has no such address for {what}.", "Check lago.base_url."
    else:
        message = f"Lago refused to give {what} (HTTP {answer.status}){_details(body)}."
        hint = "Correct what it names and run the command again."
    return RejectedError(
        message, system=SYSTEM, hint=hint, code=code or f"lago_http_{answer.status}", status=answer.status
    )


def _unknown(code: str, what: str) -> str:
    resource = code.removesuffix("_not_found").replace("_", " ")
    if what.startswith(f"{resource} "):
        return f"Lago knows no {what}."
    # A filter can name what does not exist, such as a billing entity.
    return f"Lago knows no such {resource}; it was asked for {what}."


def _details(body: Mapping[str, object]) -> str:
    details = body.get("error_details") or body.get("error")
    if not details:
        return ""
    text = details if isinstance(details, str) else msgspec.json.encode(details).decode()
    return ": " + " ".join(text.split())[:_LONGEST_QUOTE].rstrip(".")


def _json_object(body: bytes) -> Mapping[str, object]:
    try:
        decoded = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}
