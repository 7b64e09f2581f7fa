"""How NetSuite spells an account's id.

One account has two spellings: ``1234567_SB1`` in logins and ``1234567-sb1`` in host names. Whatever is
kept by account (secrets, ledger rows) must find the same rows under either.
"""


def canonical_account(account: str) -> str:
    """Spell an account id as logins do: ``1234567-sb1`` → ``1234567_SB1``."""
    return account.strip().upper().replace("-", "_")


def environment_of(account: str) -> str:
    """Tell what kind of account an id names: ``production``, ``sandbox``, ``release preview``, ``test drive``.

    Source: Oracle's help: a sandbox's id ends in ``_SB`` and a number, a release preview's in ``_RP``;
    test accounts of partners begin with ``TSTDRV`` or ``TD``.
    """
    spelled = canonical_account(account)
    kind = spelled.rpartition("_")[2].rstrip("0123456789") if "_" in spelled else ""
    if kind in ("SB", "RP"):
        return {"SB": "sandbox", "RP": "release preview"}[kind]
    return "test drive" if spelled.startswith(("TSTDRV", "TD")) else "production"
