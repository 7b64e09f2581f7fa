"""What every command may need; what only looks around needs no more than this.

:mod:`.wiring` builds the rest.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.logs import set_up_logging
from lago_ns_cli.cli.writing import say
from lago_ns_cli.domain.secrets import SecretName
from lago_ns_cli.ledger.looking import LedgerView, look_at
from lago_ns_cli.redaction import KNOWN
from lago_ns_cli.settings import LoadedSettings, Settings, load_settings

if TYPE_CHECKING:
    from lago_ns_cli.credentials import Credentials
    from lago_ns_cli.ledger.store import SqlLedger


class Basics:
    """What every command may need: settings, secrets, and a log that knows what to mask.

    Args:
        warns: Whether warnings about the settings are told on stderr.
    """

    def __init__(self, options: Globals, *, warns: bool = True) -> None:
        self.options = options
        self._warns = warns
        self.redact = KNOWN
        set_up_logging(options, self.redact)

    @cached_property
    def loaded(self) -> LoadedSettings:
        """The effective settings; warnings are told once."""
        loaded = load_settings(self.options.config_file, self.options.profile, os.environ)
        for warning in loaded.warnings if self._warns else ():
            say(f"warning: {warning}")
        return loaded

    @property
    def settings(self) -> Settings:
        """The settings themselves."""
        return self.loaded.settings

    @cached_property
    def credentials(self) -> "Credentials":
        """The secrets of this profile and account."""
        from lago_ns_cli.credentials import Credentials

        return Credentials(
            profile=self.loaded.profile,
            account=self.settings.netsuite.account,
            lago_host=urlsplit(self.settings.lago.base_url).netloc,
            environ=os.environ,
            learn=self.redact.learn,
        )

    def secret(self, name: SecretName) -> str:
        """Read a secret that is needed."""
        return self.credentials.require(name).reveal()


@contextmanager
def open_to_look(options: Globals) -> "Iterator[LedgerView | SqlLedger]":
    """Open the ledger for somebody who only looks: as it is, or whole where it has to be made or upgraded first."""
    basics = Basics(options)
    view = look_at(basics.settings.ledger.url, profile=basics.loaded.profile, account=basics.loaded.account)
    if view is not None:
        with view:
            yield view
        return
    from lago_ns_cli.ledger.store import SqlLedger

    with SqlLedger(
        basics.settings.ledger.url, profile=basics.loaded.profile, account=basics.loaded.account
    ) as ledger:
        yield ledger
