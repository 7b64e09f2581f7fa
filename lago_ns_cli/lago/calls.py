"""Calls to Lago's API: in turn, made again where that helps, and lists page after page."""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass

import msgspec

from lago_ns_cli.ahead import read_ahead
from lago_ns_cli.connection import Answer, Connection
from lago_ns_cli.domain.write_back import LagoRequest
from lago_ns_cli.errors import DocumentError, InDoubtError, LimitError, RejectedError, TransientError
from lago_ns_cli.lago import schemas
from lago_ns_cli.lago.answers import SYSTEM, refusal, retry_after_seconds
from lago_ns_cli.lago.pace import Pace
from lago_ns_cli.retries import Random, RetryPolicy, Sleep, retry_reads

Query = Mapping[str, str | list[str]]

ROWS_PER_PAGE = 100
"""Rows of a list in one call: Lago's default, and what its cloud surely gives."""

_HEADERS = {"accept": "application/json"}
_PAGES_AHEAD = 2
_PATIENCE = 20
"""How often a call that met Lago's rate limit waits for the next window, before it counts as failed."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How Lago is asked; see ``LagoClient``."""

    retry: RetryPolicy
    sleep: Sleep
    random: Random
    now: Callable[[], float] | None
    rows_per_page: int


class Calls:
    """Makes calls over one connection, within Lago's rate limit."""

    def __init__(self, connection: Connection, manners: Manners) -> None:
        self._connection = connection
        self._manners = manners
        self._pace = Pace(manners.sleep, now=manners.now)

    async def aclose(self) -> None:
        """Let the connections go."""
        await self._connection.aclose()

    async def rows(self, path: str, root: str, query: Query) -> AsyncGenerator[bytes, None]:
        """List the rows of a list as they came; a row that shifts may come twice."""
        async with aclosing(read_ahead(self._pages(path, root, query), _PAGES_AHEAD)) as pages:
            async for page in pages:
                for row in page.rows:
                    yield row

    async def _pages(self, path: str, root: str, query: Query) -> AsyncGenerator[schemas.Page, None]:
        page: int | None = 1
        while page is not None:
            paging = {**query, "page": str(page), "per_page": str(self._manners.rows_per_page)}
            raw = await self.get(path, f"{root} (page {page})", paging)
            with as_refusal():
                answer = schemas.read_page(raw, root)
            yield answer
            if answer.next_page is not None and answer.next_page <= page:
                raise unusable(
                    f"Lago's list of {root} names page {answer.next_page} as following page {page}."
                )
            page = answer.next_page

    async def get(self, path: str, what: str, query: Query | None = None) -> bytes:
        """Read from Lago; ``what`` stands in the messages."""

        async def attempt() -> bytes:
            return await self._get_patiently(path, what, query)

        return await retry_reads(
            attempt, self._manners.retry, sleep=self._manners.sleep, random=self._manners.random
        )

    async def change(self, request: LagoRequest) -> bytes:
        """Ask Lago for a change; made again only where surely nothing was executed.

        Raises:
            InDoubtError: It may have been executed: the answer was lost, or Lago failed meanwhile.
        """
        body = msgspec.json.encode(request.body)

        async def attempt() -> bytes:
            async with self._pace.turn() as closures:
                return await self._change_once(request, body, closures)

        return await retry_reads(
            attempt, self._manners.retry, sleep=self._manners.sleep, random=self._manners.random
        )

    async def _change_once(self, request: LagoRequest, body: bytes, closures: int) -> bytes:
        headers = {**_HEADERS, "content-type": "application/json"}
        answer = await self._connection.send(request.method, request.path, content=body, headers=headers)
        self._pace.heard(answer.headers)
        if answer.status == 429:
            self._pace.refused(closures, retry_after_seconds(answer.headers))
        if answer.status >= 500:
            raise unknown_end(request, f"it failed (HTTP {answer.status})", answer.status)
        if not 200 <= answer.status < 300:
            raise refusal(answer, request.what)
        self._pace.accepted()
        return answer.body

    async def _get_patiently(self, path: str, what: str, query: Query | None) -> bytes:
        """Make a call within Lago's rate limit; one that met it was not executed and waits its turn again."""
        refused = 0
        while True:
            try:
                async with self._pace.turn() as closures:
                    return await self._get_once(path, what, query, closures)
            except LimitError:
                refused += 1
                if refused > _PATIENCE:
                    raise

    async def _get_once(self, path: str, what: str, query: Query | None, closures: int) -> bytes:
        answer = await self._send(path, what, query)
        self._pace.heard(answer.headers)
        if answer.status == 429:
            self._pace.refused(closures, retry_after_seconds(answer.headers))
        if not 200 <= answer.status < 300:
            raise refusal(answer, what)
        self._pace.accepted()
        if not answer.body.lstrip().startswith(b"{"):
            raise TransientError(
                f"Lago's answer to {what} is no JSON object.",
                system=SYSTEM,
                hint="Check lago.base_url; a proxy may be answering in Lago's place.",
                code="lago_not_json",
                status=answer.status,
            )
        return answer.body

    async def _send(self, path: str, what: str, query: Query | None) -> Answer:
        try:
            return await self._connection.send("GET", path, query=query, headers=_HEADERS)
        except InDoubtError as error:
            # A read changes nothing, so a lost answer is no reason for doubt.
            raise TransientError(
                f"{error.message} It was asked for {what}.",
                system=SYSTEM,
                hint="Run the command again in a while.",
                code=error.code,
            ) from error


def unknown_end(request: LagoRequest, why: str, status: int | None = None) -> InDoubtError:
    """Say that nobody knows what became of a change."""
    return InDoubtError(
        f"Lago was asked to write {request.what}, and {why}.",
        system=SYSTEM,
        hint="Run the command again: what Lago holds is looked at before anything is sent again.",
        code="lago_not_json" if status is None else "lago_unavailable",
        status=status,
    )


@contextmanager
def as_refusal() -> Iterator[None]:
    """Blame the server, not a document, for what holds a list or the organization."""
    try:
        yield
    except DocumentError as error:
        raise unusable(error.message) from error


def unusable(message: str) -> RejectedError:
    """Refuse an answer that Lago itself would not give."""
    return RejectedError(
        message,
        system=SYSTEM,
        hint="Check lago.base_url; the server, or what stands before it, does not answer as Lago does.",
        code="lago_unusable_answer",
    )
