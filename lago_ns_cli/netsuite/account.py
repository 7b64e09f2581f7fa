"""Account ids, and the hosts that belong to them."""

import re
from urllib.parse import urlsplit

from lago_ns_cli.connection import check_base_url, is_loopback
from lago_ns_cli.domain.accounts import canonical_account
from lago_ns_cli.errors import ConfigError

_ACCOUNT = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)*")


def normalize_account(text: str) -> str:
    """Write an account id as NetSuite does in a realm: upper case, with underscores.

    ``123_sb1``, ``123-SB1`` and ``123_SB1`` are one account.

    Raises:
        ConfigError: It cannot be an account id.
    """
    account = canonical_account(text)
    if not _ACCOUNT.fullmatch(account):
        raise ConfigError(
            f"{text!r} is not a NetSuite account id.",
            hint="Set netsuite.account to the id in Setup > Company > Company Information, such as 1234567_SB1.",
        )
    return account


def host_label(account: str) -> str:
    """Write an account id as it stands in host names: ``1234567_SB1`` → ``1234567-sb1``."""
    return normalize_account(account).lower().replace("_", "-")


def restlet_base_url(account: str, base_url: str | None = None) -> str:
    """Choose where RESTlets are called.

    Args:
        account: In any spelling.
        base_url: A setting that overrides the usual address.

    Raises:
        ConfigError: The address is unsafe, or is another account's: the data of a sandbox must
            never reach production, nor one company's another's.
    """
    label = host_label(account)
    if not base_url:
        return f"https://{label}.restlets.api.netsuite.com"
    url = check_base_url(base_url, "netsuite.base_url")
    host = (urlsplit(url).hostname or "").lower()
    if not is_loopback(host) and not (host.startswith(f"{label}.") and host.endswith(".netsuite.com")):
        raise ConfigError(
            f"netsuite.base_url leads to {host}, which is not a host of account {normalize_account(account)}.",
            hint=f"Remove it, or use https://{label}.restlets.api.netsuite.com.",
        )
    return url


def token_base_url(account: str, base_url: str | None = None) -> str:
    """Choose where OAuth 2.0 tokens are fetched: the account's SuiteTalk host, or the simulator.

    Raises:
        ConfigError: As for ``restlet_base_url``.
    """
    restlets = restlet_base_url(account, base_url)
    if is_loopback(urlsplit(restlets).hostname or ""):
        return restlets
    return f"https://{host_label(account)}.suitetalk.api.netsuite.com"
