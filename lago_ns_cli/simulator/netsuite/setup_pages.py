"""What an administrator changes in the account's set-up: roles, features, custom fields, the script's deployment.

Tests, and people who want to see what ``doctor`` says, break an account with it and mend it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lago_ns_cli.simulator.netsuite.store import Store

if TYPE_CHECKING:
    from lago_ns_cli.simulator.netsuite.account import Account


@dataclass(frozen=True)
class Deployment:
    """The script's deployment; ``audience`` holds ids of roles, None where it is open to all."""

    released: bool = True
    audience: frozenset[str] | None = None


class SetupPages:
    """The set-up of an account.

    Attributes:
        deployment: Of the RESTlet.
    """

    def __init__(self, account: Account) -> None:
        self.deployment = Deployment()
        self._account = account

    @property
    def _store(self) -> Store:
        return self._account.store

    def set_permission(self, role_id: str, permission: str, level: str) -> None:
        """Give a role a level of a permission (``VIEW``, ``EDIT``, …); ``NONE`` takes it away."""
        role = self._account.roles[role_id]
        permissions = {**role.permissions, permission: level}
        if level == "NONE":
            del permissions[permission]
        self._account.roles = {**self._account.roles, role_id: replace(role, permissions=permissions)}

    def restrict_to_web_services(self, role_id: str) -> None:
        """Tick *Web Services Only Role*."""
        role = replace(self._account.roles[role_id], web_services_only=True)
        self._account.roles = {**self._account.roles, role_id: role}

    def set_feature(self, feature: str, *, on: bool) -> None:
        """Switch a feature, by its id in SuiteScript (``MULTICURRENCY``)."""
        if feature not in self._account.features:
            raise ValueError(f"the account has no such feature: {feature}")
        self._account.features = {**self._account.features, feature: on}

    def delete_field(self, script_id: str) -> None:
        """Delete a custom field; values that records hold stay unseen."""
        self._store.execute("DELETE FROM customfield WHERE scriptid = ?", (script_id,))
        self.unapply_field(script_id)

    def unapply_field(self, script_id: str, record_type: str | None = None) -> None:
        """Take a custom field off a record type, or off all."""
        condition = "" if record_type is None else " AND type = ?"
        parameters = (script_id,) if record_type is None else (script_id, record_type)
        self._store.execute(f"DELETE FROM _custom_field_use WHERE scriptid = ?{condition}", parameters)  # noqa: S608
        self._account.books.catalog.reload()

    def require_field(self, script_id: str) -> None:
        """Make a custom field mandatory."""
        self._store.execute("UPDATE customfield SET ismandatory = 'T' WHERE scriptid = ?", (script_id,))
        self._account.books.catalog.reload()

    def delete_record_type(self, script_id: str) -> None:
        """Delete a custom record type with its records."""
        self._store.execute("DELETE FROM customrecordtype WHERE scriptid = ?", (script_id,))

    def set_released(self, *, released: bool) -> None:
        """Give the deployment the status Released, or Testing."""
        status = "RELEASED" if released else "TESTING"
        self._store.execute("UPDATE scriptdeployment SET status = ?", (status,))
        self.deployment = replace(self.deployment, released=released)

    def set_audience(self, role_ids: frozenset[str] | None) -> None:
        """Say which roles may run the script."""
        self.deployment = replace(self.deployment, audience=role_ids)
