"""The RESTlet's operations, one method each."""

import asyncio
import random as _random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import asdict
from datetime import date
from typing import Protocol
from urllib.parse import quote

import httpx

from lago_ns_cli.connection import Answer, Connection
from lago_ns_cli.domain.catalog import Row
from lago_ns_cli.domain.exchange import Found, Inspection, Ping, PushResult, Trial
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.lago_objects import LagoObject, StoredObject
from lago_ns_cli.domain.revenue import RevenuePage
from lago_ns_cli.errors import AuthError, ConfigError, InDoubtError, RejectedError, TransientError
from lago_ns_cli.netsuite import wire
from lago_ns_cli.netsuite.account import normalize_account, restlet_base_url
from lago_ns_cli.netsuite.auth import Login
from lago_ns_cli.netsuite.meanings import SYSTEM, Call, disagreement, failure, not_the_contract
from lago_ns_cli.netsuite.patience import Patience
from lago_ns_cli.retries import Random, RetryPolicy, Sleep, retry_reads

MAX_REQUEST_BYTES = 10_000_000
MAX_QUERIES_PER_CALL = 200

_PATH = "/app/site/hosting/restlet.nl"
# NetSuite compares this header's case; without it the answer would be plain text.
_HEADERS = {"content-type": "application/json", "accept": "application/json, text/plain"}


_IN_A_RUN = frozenset({"find", "list"})
"""Reads in the middle of a run; what asks how things stand, a ping before all, has to say so at once."""


class Gate(Protocol):
    """Who says when a call may leave, since an account answers only so many at once."""

    def place(self) -> AbstractAsyncContextManager[None]:
        """Wait for a place and hold it during a call; sees the error that the call ends with."""


class NetSuiteClient:
    """Speaks contract 1 with the RESTlet of one account; satisfies ``NetSuite``.

    Calls that read are made again after ``TransientError``; a push never is.

    Args:
        account: In any spelling.
        login: Signs the calls; closed together with the client.
        script: Script id of the RESTlet, ``customscript_…`` or a number.
        deploy: Script id of its deployment.
        base_url: Overrides the account's usual address.
        transport: Stands in for the network, in tests.
        retry: How often a read is made again.
        sleep: Waits between two attempts.
        random: Spreads these waits.
        gate: Lets calls that read leave; who pushes asks for a place before a batch is filled.
        read_timeout_seconds: Longer than a script may run, which is 300 s: who gives up earlier
            does not know what was executed.
        heard: Told of every answer, whatever its status.

    Raises:
        ConfigError: The account or the address is unusable, or they do not fit each other.
    """

    def __init__(
        self,
        account: str,
        login: Login,
        *,
        script: str,
        deploy: str,
        base_url: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        retry: RetryPolicy | None = None,
        sleep: Sleep = asyncio.sleep,
        random: Random = _random.random,
        gate: Gate | None = None,
        read_timeout_seconds: float = 330.0,
        heard: Callable[[Answer], None] | None = None,
    ) -> None:
        self._account = normalize_account(account)
        self._login = login
        self._path = f"{_PATH}?script={quote(script, safe='')}&deploy={quote(deploy, safe='')}"
        self._retry = retry or RetryPolicy(limit_attempts=12)
        self._sleep = sleep
        self._random = random
        self._patience = Patience(sleep)
        self._gate = gate
        self._connection = Connection(
            restlet_base_url(account, base_url),
            system=SYSTEM,
            read_timeout_seconds=read_timeout_seconds,
            auth=login,
            transport=transport,
            heard=heard,
        )

    async def aclose(self) -> None:
        """Let the connections go."""
        await self._connection.aclose()
        await self._login.aclose()

    async def ping(self) -> Ping:
        """Ask the account who it is and what is missing.

        Raises:
            ConfigError: Another account answers than the one that is configured.
        """
        answer = await self.read("ping")
        try:
            ping = wire.read_ping(answer)
        except wire.NotTheContractError as error:
            raise disagreement(f"NetSuite's answer to ping cannot be read: {error}.") from error
        if ping.account.upper().replace("-", "_") != self._account:
            raise ConfigError(
                f"netsuite.account is {self._account}, but account {ping.account} answers.",
                hint="Correct netsuite.account or netsuite.base_url.",
                code="netsuite_other_account",
            )
        return ping

    async def inspect(self) -> Inspection:
        """Ask the account how our own set-up in it stands."""
        answer = await self.read("inspect")
        try:
            return wire.read_inspection(answer)
        except wire.NotTheContractError as error:
            raise disagreement(f"NetSuite's answer to inspect cannot be read: {error}.") from error

    async def try_twice(self, documents: Sequence[Mapping[str, object]]) -> Trial:
        """Write two trial records under one key, without a look-up.

        Raises:
            RejectedError: It is not allowed here, or the first could not be written; nothing is left.
            InDoubtError: Anything of it may have been written.
        """
        answer = await self._written("probe", {"step": "make", "documents": list(documents)})
        try:
            return wire.read_trial(answer)
        except wire.NotTheContractError as error:
            raise disagreement(f"NetSuite's answer to probe cannot be read: {error}.") from error

    async def take_away(self, keys: Mapping[str, str]) -> int:
        """Delete the trial records with these keys, by type; tells how many.

        Raises:
            RemoteError: It may not have been done.
        """
        answer = await self._written("probe", {"step": "clean", "keys": dict(keys)})
        try:
            return wire.read_deleted(answer)
        except wire.NotTheContractError as error:
            raise disagreement(f"NetSuite's answer to probe cannot be read: {error}.") from error

    async def _written(self, operation: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        """Make a call that writes, once."""
        call = Call(operation, writes=True)
        answer = await self._post(call, wire.encode_request(operation, arguments))
        try:
            return wire.decode_answer(answer.body, operation)
        except wire.NotTheContractError as error:
            raise not_the_contract(answer, call) from error

    async def push(self, documents: Sequence[Mapping[str, object]]) -> Sequence[PushResult]:
        """Write documents, in order; one result each, in the same order.

        Raises:
            TransientError: Surely nothing was executed; ``LimitError`` among them.
            AuthError: Likewise; the login or a permission was refused.
            RejectedError: Likewise; the call is too large or was not understood.
            InDoubtError: Any of the documents may have been written.
        """
        call = Call("push", writes=True)
        answer = await self._post(call, wire.encode_request("push", {"documents": documents}))
        try:
            told = wire.decode_answer(answer.body, "push")
        except wire.NotTheContractError as error:
            raise not_the_contract(answer, call) from error
        return wire.read_pushed(told, [Key(str(document["key"])) for document in documents])

    async def find(
        self, queries: Sequence[Mapping[str, str]], *, include: Sequence[str] = ()
    ) -> Sequence[Found]:
        """Look records up, however many, in the order of the queries.

        Args:
            include: Besides the record form: ``taxes``, ``applied_by``.
        """
        found: list[Found] = []
        for start in range(0, len(queries), MAX_QUERIES_PER_CALL):
            part = queries[start : start + MAX_QUERIES_PER_CALL]
            answer = await self.read("find", {"queries": part, **_included(include)})
            try:
                found += wire.read_found(answer, len(part))
            except wire.NotTheContractError as error:
                raise disagreement(f"NetSuite's answer to find cannot be read: {error}.") from error
        return found

    async def list_rows(
        self,
        record_type: str,
        *,
        since: date | None = None,
        until: date | None = None,
        include: Sequence[str] = (),
        limit: int = 1000,
    ) -> AsyncIterator[Row]:
        """List records of a type, or applications, in ascending order of their ids.

        Args:
            record_type: ``customer``, ``invoice``, ``creditmemo``, ``customerpayment``, ``application``,
                ``lago_object``.
            since: First transaction date that is meant; a customer's date is its creation.
            until: Last transaction date that is meant.
            include: Besides the record form: ``taxes``.
            limit: Rows a call.

        Raises:
            AuthError: The role cannot see such records.
        """
        arguments = {
            "type": record_type,
            "since": since,
            "until": until,
            "limit": limit,
            **_included(include),
        }
        cursor: int | str | None = None
        while True:
            answer = await self.read("list", {**arguments, "cursor": cursor})
            try:
                page = wire.read_rows(answer)
            except wire.NotTheContractError as error:
                raise disagreement(f"NetSuite's answer to list cannot be read: {error}.") from error
            if page.status != "ok":
                raise AuthError(
                    f"The role may not list {record_type} records.",
                    system=SYSTEM,
                    hint="Give the role the permission to view them; `lago-ns doctor` names all that are missing.",
                    code="INSUFFICIENT_PERMISSION",
                )
            for row in page.rows:
                yield row
            if page.cursor is None:
                return
            cursor = _advanced(cursor, page.cursor, f"the list of {record_type} records")

    async def revenue_pages(
        self, *, since: date | None = None, until: date | None = None
    ) -> AsyncIterator[RevenuePage]:
        """List revenue elements by ascending id, a page at a time; one page tells where there are none to see.

        Args:
            since: First date of the elements that are meant.
            until: Last date.
        """
        cursor: str | None = None
        while True:
            answer = await self.read("revenue", {"since": since, "until": until, "cursor": cursor})
            try:
                page = wire.read_revenue(answer)
            except wire.NotTheContractError as error:
                raise disagreement(f"NetSuite's answer to revenue cannot be read: {error}.") from error
            yield page
            if page.cursor is None:
                return
            _advanced(cursor, page.cursor, "the list of revenue elements")
            cursor = page.cursor

    async def describe_section(self, section: str) -> tuple[Sequence[Row], str | None]:
        """Fetch all rows of a catalog section, and why it is unavailable if it is."""
        return (await self.describe_sections([section]))[section]

    async def describe_sections(
        self, sections: Sequence[str]
    ) -> Mapping[str, tuple[Sequence[Row], str | None]]:
        """Fetch all rows of catalog sections, in one call where none is longer than a page."""
        answer = await self.read("describe", {"sections": list(sections), "cursor": None})
        return {section: await self._whole_section(section, answer) for section in sections}

    async def _whole_section(
        self, section: str, answer: Mapping[str, object]
    ) -> tuple[Sequence[Row], str | None]:
        rows: list[Row] = []
        cursor: int | str | None = None
        while True:
            try:
                page = wire.read_section(answer, section)
            except wire.NotTheContractError as error:
                raise disagreement(f"NetSuite's answer to describe cannot be read: {error}.") from error
            missing = wire.reason(page)
            if missing is not None:
                return (), missing
            rows += page.rows or ()
            if page.cursor is None:
                return rows, None
            cursor = _advanced(cursor, page.cursor, f"the section {section}")
            answer = await self.read("describe", {"sections": [section], "cursor": cursor})

    async def store_objects(self, objects: Sequence[LagoObject]) -> Sequence[StoredObject]:
        """Write records of Lago's objects; one answer each, in the same order.

        Raises:
            InDoubtError: Any of them may have been written; they are found by their keys next time.
        """
        call = Call("store", writes=True)
        sent = [asdict(one) for one in objects]
        answer = await self._post(call, wire.encode_request("store", {"objects": sent}))
        try:
            told = wire.decode_answer(answer.body, "store")
            return wire.read_stored(told, [one.key for one in objects])
        except wire.NotTheContractError as error:
            raise not_the_contract(answer, call) from error

    async def read(
        self, operation: str, arguments: Mapping[str, object] | None = None
    ) -> Mapping[str, object]:
        """Call an operation that changes nothing; returns the contract's answer as it came."""
        call = Call(operation, writes=False)
        body = wire.encode_request(operation, arguments or {})

        async def attempt() -> Mapping[str, object]:
            async with self._gate.place() if self._gate is not None else nullcontext():
                answer = await self._post(call, body)
            try:
                return wire.decode_answer(answer.body, operation)
            except wire.NotTheContractError as error:
                raise not_the_contract(answer, call) from error

        async def bounded() -> Mapping[str, object]:
            return await retry_reads(attempt, self._retry, sleep=self._sleep, random=self._random)

        found = await (self._patience.read(bounded) if operation in _IN_A_RUN else bounded())
        self._patience.worked = True
        return found

    async def _post(self, call: Call, body: bytes) -> Answer:
        if len(body) > MAX_REQUEST_BYTES:
            raise RejectedError(
                f"The call is {len(body):,} bytes long, and NetSuite takes {MAX_REQUEST_BYTES:,}.",
                system=SYSTEM,
                hint="Lower push.batch; a single document of this size cannot be sent.",
                code="netsuite_too_large",
            )
        try:
            answer = await self._connection.send("POST", self._path, content=body, headers=_HEADERS)
        except InDoubtError as error:
            if call.writes:
                raise
            # A read changes nothing, so a lost answer is no reason for doubt.
            raise TransientError(
                error.message, system=SYSTEM, hint="Run the command again in a while.", code=error.code
            ) from error
        if answer.status != 200:
            raise failure(answer, call)
        return answer


def _included(names: Sequence[str]) -> dict[str, list[str]]:
    return {"include": list(names)} if names else {}


def _advanced(cursor: int | str | None, following: int | str, what: str) -> int | str:
    if following == cursor:
        raise disagreement(f"NetSuite's answer to {what} does not get beyond {cursor!r}.")
    return following
