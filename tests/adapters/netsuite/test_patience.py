"""A login that worked and is refused is waited for, a few times only."""

import asyncio

import pytest

from lago_ns_cli.errors import AuthError
from lago_ns_cli.netsuite.patience import Patience


class Account:
    """Refuses the first so many reads.

    Attributes:
        asked: How many reads came.
        waited: How long each wait was, in seconds.
    """

    def __init__(self, refuses: int, status: int = 401) -> None:
        self.asked = 0
        self.waited: list[float] = []
        self._refuses = refuses
        self._status = status

    async def read(self) -> str:
        self.asked += 1
        if self.asked <= self._refuses:
            raise AuthError("Invalid login attempt.", system="NetSuite", status=self._status)
        return "rows"

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        await asyncio.sleep(0)


def patience(account: Account, *, worked: bool = True) -> Patience:
    made = Patience(account.sleep)
    made.worked = worked
    return made


def test_a_login_that_comes_back_is_waited_for() -> None:
    """The second wait is longer than the first."""
    account = Account(refuses=2)

    assert "rows" == asyncio.run(patience(account).read(account.read))
    assert [5.0, 30.0] == account.waited


def test_reads_that_are_refused_together_wait_for_one() -> None:
    """Three refusals, one try: the token is not locked by all of them trying."""
    account = Account(refuses=3)
    waiting = patience(account)

    async def together() -> list[str]:
        return await asyncio.gather(*(waiting.read(account.read) for _ in range(3)))

    assert ["rows"] * 3 == asyncio.run(together())
    assert [5.0] == account.waited


def test_a_login_that_stays_away_is_given_up_once_for_all() -> None:
    """Later reads are refused at once."""
    account = Account(refuses=100)
    waiting = patience(account)
    for _ in range(2):
        with pytest.raises(AuthError):
            asyncio.run(waiting.read(account.read))

    assert (4, [5.0, 30.0]) == (account.asked, account.waited)


@pytest.mark.parametrize(("worked", "status"), [(False, 401), (True, 403)])
def test_a_login_that_never_worked_and_a_permission_are_told_at_once(worked: bool, status: int) -> None:
    """Waiting would mend neither."""
    account = Account(refuses=1, status=status)

    with pytest.raises(AuthError):
        asyncio.run(patience(account, worked=worked).read(account.read))
    assert [] == account.waited
