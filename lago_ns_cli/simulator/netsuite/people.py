"""What people do in the account, by hand and without the integration, as actions with JSON arguments.

The control endpoints and the ``person`` fault speak to the account's administrator through this module. NetSuite's
rules hold: a person cannot delete an invoice that is paid, either.
"""

from collections.abc import Callable, Mapping
from typing import Any

from lago_ns_cli.simulator.netsuite.account import Account
from lago_ns_cli.simulator.netsuite.periods import period_of
from lago_ns_cli.simulator.netsuite.permissions import ADMINISTRATOR
from lago_ns_cli.simulator.netsuite.revenue import edit_revenue, recognize

Arguments = Mapping[str, Any]


class ActionError(ValueError):
    """An action is unknown, or its arguments do not fit."""


class People:
    """Performs actions by name.

    Actions and their arguments:

    - ``close_period``, ``lock_receivables``, ``open_period``: ``date`` (``YYYY-MM-DD``): the period it lies in.
    - ``create_record``: ``type``, ``values``, optionally ``lines`` (``{sublist: [{field: value}]}``).
    - ``edit_record``: ``type``, ``id``, optionally ``values`` and ``lines`` (``{sublist: [{"line": number, field: value}]}``;
      of ``apply`` the whole state: ``[{"doc", "amount"}]``).
    - ``delete_record``, ``void_record``: ``type``, ``id``.
    - ``merge_customers``: ``id`` goes away, everything of it moves to ``into``.
    - ``deactivate``, ``activate``: ``type`` (``customer`` or a master record such as ``item``), ``id``.
    - ``recognize_revenue``: revenue management makes elements and plans of the lines that have none.
    - ``edit_revenue``: ``table`` (``revenueelement``, ``revenueplan``, ``revenueplanplannedrevenue``), ``id``, ``values``
      (none deletes the row).
    - ``set_precision``: ``currency`` (its code), ``decimals``.
    - ``set_permission``: ``role``, ``permission`` (SDF's key), ``level``; ``NONE`` takes it away.
    - ``set_feature``: ``feature``, ``on``.
    - ``set_released``: ``released``: the status of the script's deployment.
    - ``delete_field``: ``field``; ``unapply_field``: ``field``, ``type``.

    For customers and transactions ``key`` (the external id) serves in place of ``id``.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._actions: Mapping[str, Callable[[Arguments], str | None]] = {
            "activate": self._activate,
            "close_period": self._close_period,
            "create_record": self._create_record,
            "deactivate": self._deactivate,
            "delete_field": self._delete_field,
            "delete_record": self._delete_record,
            "edit_record": self._edit_record,
            "edit_revenue": self._edit_revenue,
            "lock_receivables": self._lock_receivables,
            "merge_customers": self._merge_customers,
            "open_period": self._open_period,
            "recognize_revenue": self._recognize_revenue,
            "set_feature": self._set_feature,
            "set_permission": self._set_permission,
            "set_precision": self._set_precision,
            "set_released": self._set_released,
            "unapply_field": self._unapply_field,
            "void_record": self._void_record,
        }

    @property
    def actions(self) -> list[str]:
        """Names of all actions."""
        return list(self._actions)

    def perform(self, action: str, arguments: Arguments) -> str | None:
        """Let a person do something.

        Returns:
            The internal id of the record it was done to, None where it was none.

        Raises:
            ActionError: No such action, record or period, or an argument is missing.
            NetSuiteError: NetSuite refuses it.
        """
        known = self._actions.get(action)
        if known is None:
            raise ActionError(f"There is no action {action!r}; there are {', '.join(self.actions)}.")
        try:
            return known(arguments)
        except KeyError as error:
            raise ActionError(f"{action} needs {error.args[0]!r}.") from error

    def _close_period(self, arguments: Arguments) -> None:
        self._account.administrator.close_period(self._period(arguments))

    def _lock_receivables(self, arguments: Arguments) -> None:
        self._account.administrator.lock_receivables(self._period(arguments))

    def _open_period(self, arguments: Arguments) -> None:
        self._account.administrator.open_period(self._period(arguments))

    def _set_precision(self, arguments: Arguments) -> None:
        self._account.administrator.set_precision(arguments["currency"], int(arguments["decimals"]))

    def _set_permission(self, arguments: Arguments) -> None:
        role, permission, level = (str(arguments[name]) for name in ("role", "permission", "level"))
        self._account.setup.set_permission(role, permission, level)

    def _set_feature(self, arguments: Arguments) -> None:
        self._account.setup.set_feature(str(arguments["feature"]), on=bool(arguments["on"]))

    def _set_released(self, arguments: Arguments) -> None:
        self._account.setup.set_released(released=bool(arguments["released"]))

    def _delete_field(self, arguments: Arguments) -> None:
        self._account.setup.delete_field(str(arguments["field"]))

    def _unapply_field(self, arguments: Arguments) -> None:
        self._account.setup.unapply_field(str(arguments["field"]), str(arguments["type"]))

    def _recognize_revenue(self, _: Arguments) -> None:
        recognize(self._account.store)

    def _edit_revenue(self, arguments: Arguments) -> str:
        edit_revenue(self._account.store, arguments["table"], int(arguments["id"]), arguments["values"])
        return str(arguments["id"])

    def _activate(self, arguments: Arguments) -> str:
        record_id = self._record_id(arguments)
        self._account.administrator.activate(arguments["type"], record_id)
        return record_id

    def _deactivate(self, arguments: Arguments) -> str:
        record_id = self._record_id(arguments)
        self._account.administrator.deactivate(arguments["type"], record_id)
        return record_id

    def _create_record(self, arguments: Arguments) -> str:
        draft = self._account.new(arguments["type"], ADMINISTRATOR, dynamic=True)
        for name, value in arguments["values"].items():
            draft.body[name] = value
            self._account.field_changed(draft, name)
        for sublist, lines in arguments.get("lines", {}).items():
            for line in lines:
                number = len(draft.lines(sublist))
                draft.lines(sublist).append({})
                for name, value in line.items():
                    draft.lines(sublist)[number][name] = value
                    self._account.field_changed(draft, name, sublist, number)
        return self._account.save(draft, ADMINISTRATOR)

    def _edit_record(self, arguments: Arguments) -> str:
        record_id = self._record_id(arguments)
        self._account.administrator.edit_record(
            arguments["type"], record_id, arguments.get("values", {}), arguments.get("lines")
        )
        return record_id

    def _delete_record(self, arguments: Arguments) -> str:
        record_id = self._record_id(arguments)
        self._account.administrator.delete(arguments["type"], record_id)
        return record_id

    def _void_record(self, arguments: Arguments) -> str:
        return self._account.void(arguments["type"], self._record_id(arguments), ADMINISTRATOR)

    def _merge_customers(self, arguments: Arguments) -> str:
        kept = str(arguments["into"])
        self._account.administrator.merge_customers(self._record_id({**arguments, "type": "customer"}), kept)
        return kept

    def _period(self, arguments: Arguments) -> str:
        period = period_of(self._account.store, str(arguments["date"]))
        if period is None:
            raise ActionError(f"There is no accounting period for {arguments['date']}.")
        return period.name

    def _record_id(self, arguments: Arguments) -> str:
        if "key" not in arguments:
            return str(arguments["id"])
        table = "customer" if arguments["type"] == "customer" else "transaction"
        row = self._account.store.one(
            f'SELECT id FROM "{table}" WHERE externalid = ?',  # noqa: S608 - one of two constants
            (str(arguments["key"]),),
        )
        if row is None:
            raise ActionError(f"There is no {arguments['type']} with the key {arguments['key']}.")
        return str(row[0])
