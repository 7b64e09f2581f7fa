"""Runs the deployed RESTlet in a JavaScript engine, over the account.

The files are those of the SDF project, unchanged. They are compiled once; each call evaluates their modules anew, as
NetSuite does for each execution.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Final

import quickjs

from lago_ns_cli.simulator import world
from lago_ns_cli.simulator.netsuite import suiteql
from lago_ns_cli.simulator.netsuite.account import Account
from lago_ns_cli.simulator.netsuite.permissions import ADMINISTRATOR
from lago_ns_cli.simulator.netsuite.script_bridge import Execution, read_json
from lago_ns_cli.simulator.netsuite.values import Role

ENTRY: Final = "lago_service"
"""The RESTlet among the project's modules."""

_JSON: Final = "application/json"
_MEMORY_BYTES: Final = 512 * 1024 * 1024
_STACK_BYTES: Final = 4 * 1024 * 1024


class ScriptError(Exception):
    """A script cannot be deployed: it is no JavaScript, or its modules cannot be defined."""


@dataclass(frozen=True)
class ScriptFailure:
    """An exception that the script did not catch, or the end that NetSuite put to it."""

    name: str
    message: str
    stack: tuple[str, ...] = ()
    type: str = "error.SuiteScriptError"


@dataclass(frozen=True)
class ScriptAnswer:
    """How an execution ended.

    Attributes:
        content: What the script returned; None where it failed.
        content_type: None: the same as the request's.
        elapsed_ms: Time by the cost model only.
    """

    content: str | None
    content_type: str | None
    error: ScriptFailure | None
    units_used: int
    saves: int
    elapsed_ms: int


class ScriptHost:
    """A deployed RESTlet. To be called from one thread.

    Args:
        account: The account the script works on; the project's files are deployed to its File Cabinet.
        now: The time, aware.
        cost_ms_per_record: How long each save takes by the script's clock; may be changed.
        script_source: A RESTlet to run instead of the packaged one; it may use the packaged modules.

    Raises:
        ScriptError: The script cannot be deployed.
    """

    def __init__(
        self,
        account: Account,
        *,
        now: Callable[[], datetime],
        cost_ms_per_record: int = 0,
        script_source: str | None = None,
    ) -> None:
        self._account = account
        self._now = now
        self.cost_ms_per_record = cost_ms_per_record
        self._execution = Execution(account, ADMINISTRATOR, cost_ms_per_record=0)
        suiteql.prepare(account.connection)
        deploy_files(account)
        try:
            engine = self._start_engine(script_source)
            methods = json.loads(engine.eval("__host.methods")(ENTRY))
        except quickjs.JSException as error:
            raise ScriptError(str(error)) from error
        self._run_script = engine.eval("__host.run")
        self.methods: frozenset[str] = frozenset(methods)
        """HTTP methods that the RESTlet answers, in lower case."""

    def run(
        self,
        *,
        role: Role,
        user: str,
        method: str,
        body: str,
        content_type: str,
        script_id: str = world.SCRIPT_ID,
        deployment_id: str = world.DEPLOYMENT_ID,
    ) -> ScriptAnswer:
        """Execute the script for one request.

        Args:
            user: Internal id of the calling user.
            body: As it was sent; JSON must be well-formed.

        Returns:
            Its answer or its failure. Records that were saved before a failure stay saved.
        """
        self._execution = execution = Execution(
            self._account, role, cost_ms_per_record=self.cost_ms_per_record
        )
        if method.lower() not in self.methods:
            return self._failed(
                ScriptFailure("SSS_INVALID_METHOD", f"The RESTlet has no entry point for {method}.")
            )
        described = json.dumps(self._describe(role, user, script_id, deployment_id))
        is_text = content_type != _JSON
        result = read_json(self._run_script(ENTRY, method.lower(), body, is_text, described))
        if execution.crash is not None:
            raise execution.crash
        if execution.killed is not None:
            return self._failed(ScriptFailure(execution.killed.name, execution.killed.message))
        if "failure" in result:
            failure = result["failure"]
            return self._failed(
                ScriptFailure(failure["name"], failure["message"], tuple(failure["stack"]), failure["type"])
            )
        answer = result["answer"]
        return ScriptAnswer(answer["content"], answer["contentType"], None, *self._used())

    def _failed(self, failure: ScriptFailure) -> ScriptAnswer:
        return ScriptAnswer(None, None, failure, *self._used())

    def _used(self) -> tuple[int, int, int]:
        execution = self._execution
        return execution.meter.used, execution.saves, execution.elapsed_ms

    def _describe(self, role: Role, user: str, script_id: str, deployment_id: str) -> dict[str, object]:
        return {
            "account": self._account.account_id,
            "environment": "SANDBOX" if "_SB" in self._account.account_id else "PRODUCTION",
            "features": dict(self._account.features),
            "role": int(role.id),
            "roleScriptId": role.script_id,
            "permissions": dict(role.permissions),
            "allPermissions": role.all_permissions,
            "user": int(user) if user.isdigit() else user,
            "script": script_id,
            "deployment": deployment_id,
            "timeZone": world.ACCOUNT_TIME_ZONE,
        }

    def _start_engine(self, script_source: str | None) -> quickjs.Context:
        engine = quickjs.Context()
        engine.set_memory_limit(_MEMORY_BYTES)
        engine.set_max_stack_size(_STACK_BYTES)
        engine.add_callable("__call", lambda *given: self._execution.call(*given))
        engine.add_callable("__now", self._script_time)
        engine.eval(f"var __host = {_modules()}(__call, __now)")
        compile_module = engine.eval("__host.compile")
        for path, text in project_files():
            if path.suffix == ".js":
                compile_module(path.stem, _wrapped(text))
        if script_source is not None:
            compile_module(ENTRY, _wrapped(script_source))
        return engine

    def _script_time(self) -> float:
        return self._now().timestamp() * 1000 + self._execution.elapsed_ms


def _wrapped(source: str) -> str:
    """A module as a function of what SuiteScript provides to it."""
    return f"(function (define, log, Date) {{{source}\n}})"


@cache
def project_files() -> tuple[tuple[PurePosixPath, str], ...]:
    """The texts of the SDF project's File Cabinet, with their paths there (``SuiteScripts/lago/…``)."""
    cabinet = files("lago_ns_cli").joinpath("netsuite", "suitescript", "src", "FileCabinet")
    return tuple((path, file.read_text("utf-8")) for path, file in _walk(cabinet, PurePosixPath()))


@cache
def _modules() -> str:
    return files("lago_ns_cli").joinpath("simulator", "netsuite", "n_modules.js").read_text("utf-8")


def _walk(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[PurePosixPath, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            yield from _walk(entry, path / entry.name)
        else:
            yield path / entry.name, entry


def deploy_files(account: Account) -> None:
    """Put the project's files into the account's File Cabinet, as ``suitecloud project:deploy`` does."""
    for path, text in project_files():
        account.save_file(path.name, _folder(account, path.parent), text, ADMINISTRATOR)


def _folder(account: Account, path: PurePosixPath) -> str:
    """The internal id of a folder, made where it is missing."""
    parent = _folder(account, path.parent) if len(path.parts) > 1 else None
    found = account.connection.execute(
        "SELECT id FROM mediaitemfolder WHERE lower(name) = lower(?) AND parent IS ?", (path.name, parent)
    ).fetchone()
    if found is None:
        found = account.connection.execute(
            "INSERT INTO mediaitemfolder (id, name, parent, appfolder, foldertype, isinactive) "
            "SELECT MAX(id) + 1, ?, ?, ?, '', 'F' FROM mediaitemfolder RETURNING id",
            (path.name, parent, path.name),
        ).fetchone()
    return str(found[0])
