"""Accounts of both tax regimes with the RESTlet deployed."""

from collections.abc import Iterator

import pytest

from lago_ns_cli.simulator.netsuite.account import Account
from lago_ns_cli.simulator.netsuite.script_host import ScriptHost
from tests.restlet.service import Clock, Service


@pytest.fixture
def clock() -> Clock:
    """A fixed time."""
    return Clock()


@pytest.fixture
def account(clock: Clock) -> Iterator[Account]:
    """An account with SuiteTax."""
    account = Account(tax_regime="suitetax", now=clock)
    yield account
    account.close()


@pytest.fixture
def service(account: Account, clock: Clock) -> Service:
    """The RESTlet of the account."""
    return Service(account, ScriptHost(account, now=clock))


@pytest.fixture
def legacy(clock: Clock) -> Iterator[Service]:
    """The RESTlet of an account without SuiteTax."""
    account = Account(tax_regime="legacy", now=clock)
    yield Service(account, ScriptHost(account, now=clock))
    account.close()
