"""How NetSuite spells an account's id.

One account has two spellings: ``1234567_SB1`` in logins and ``1234567-sb1`` in host names. Whatever is
kept by account (secrets, ledger rows) must find the same rows under either.
"""


def canonical_account(account: str) -> str:
    """Spell an account id as logins do: ``1234567-sb1`` → ``1234567_SB1``."""
    return account.strip().upper().replace("-", "_")
