"""Lago's API: documents, one by one or listed, and what can be mapped.

Lists are pages over a live table, without a snapshot: rows shift while they are read, so a row
that comes twice is given once, and ``next_page`` is followed, for the count on page 1 may be stale.
Pages are read ahead of their use, but one after the other: of a list into which rows are only
inserted, no row is then missed, since none moves up past a page that is still to be read.
"""

import asyncio
import random as _random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TypeVar
from urllib.parse import quote

import httpx
import msgspec

from lago_ns_cli.ahead import each_ahead
from lago_ns_cli.connection import Answer, Connection, check_base_url
from lago_ns_cli.domain.catalog import LAGO_SECTIONS, Row
from lago_ns_cli.domain.documents import (
    CreditNote,
    Customer,
    Fee,
    Invoice,
    InvoiceSummary,
    Payment,
    Received,
    Tree,
)
from lago_ns_cli.domain.exchange import Organization, Selection, Unreadable
from lago_ns_cli.domain.identifiers import Kind, LagoExternalId, LagoId
from lago_ns_cli.domain.recent import Recent
from lago_ns_cli.domain.write_back import LagoRequest
from lago_ns_cli.errors import (
    DocumentError,
    RejectedError,
)
from lago_ns_cli.lago import schemas
from lago_ns_cli.lago.answers import SYSTEM
from lago_ns_cli.lago.api_key import ApiKeyAuth
from lago_ns_cli.lago.calls import ROWS_PER_PAGE, Calls, Manners, Query, as_refusal, unknown_end, unusable
from lago_ns_cli.lago.pace import MOST_IN_FLIGHT
from lago_ns_cli.lago.selecting import (
    is_lago_id,
    selects_credit_note,
    selects_customer,
    selects_invoice,
    selects_payment,
)
from lago_ns_cli.retries import Random, RetryPolicy, Sleep

T = TypeVar("T")
_API_PATH = "/api/v1"

# What JSON can hold and a catalog is compared by: 8.875 stays "8.875", not a float or a Decimal.
_ROW = msgspec.json.Decoder(dict[str, object], float_hook=str)


class LagoClient:
    """Reads one organization; satisfies ``LagoSource``.

    Args:
        base_url: Of Lago's API, with or without ``/api/v1``.
        api_key: Opens the organization; sent as a bearer.
        newer_key: Reads the key again after it was refused (see ``ApiKeyAuth``).
        transport: Stands in for the network, in tests.
        retry: How often a call is made again after ``TransientError``.
        sleep: Waits between two attempts.
        random: Spreads these waits.
        now: The clock of the rate limit, in seconds; by default the running loop's.
        read_timeout_seconds: How long Lago may stay silent.
        rows_per_page: Rows of a list in one call.
        heard: Told of every answer, whatever its status.

    Raises:
        ConfigError: The base URL is none, or would send the key unencrypted.
        CredentialError: The key cannot be one.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        newer_key: Callable[[], str | None] = lambda: None,
        transport: httpx.AsyncBaseTransport | None = None,
        retry: RetryPolicy | None = None,
        sleep: Sleep = asyncio.sleep,
        random: Random = _random.random,
        now: Callable[[], float] | None = None,
        read_timeout_seconds: float = 30.0,
        rows_per_page: int = ROWS_PER_PAGE,
        heard: Callable[[Answer], None] | None = None,
    ) -> None:
        url = check_base_url(base_url, "lago.base_url")
        connection = Connection(
            url if url.endswith(_API_PATH) else url + _API_PATH,
            system=SYSTEM,
            read_timeout_seconds=read_timeout_seconds,
            auth=ApiKeyAuth(api_key, newer_key),
            transport=transport,
            heard=heard,
        )
        self._calls = Calls(
            connection,
            Manners(retry or RetryPolicy(), sleep, random, now, rows_per_page),
        )

    async def aclose(self) -> None:
        """Let the connections go."""
        await self._calls.aclose()

    async def organization(self) -> Organization:
        """Name the organization.

        Its id where Lago tells it; older versions do not, and then the moment it was created,
        which, other than its name, nobody can change.
        """
        raw = await self._calls.get("/organizations", "the organization")
        with as_refusal():
            tree = schemas.read_tree(raw, "organization")
        identity = next(
            (tree[key] for key in ("lago_id", "created_at", "slug", "name") if tree.get(key)), None
        )
        if identity is None:
            raise unusable("Lago does not say which organization the API key opens.")
        return Organization(identity=str(identity), name=str(tree.get("name") or identity))

    async def customers(self, selection: Selection) -> AsyncIterator[Received[Customer] | Unreadable]:
        """List customers, each once."""
        if selection.ids:
            rows = self._each(
                Kind.CUSTOMER, selection.ids, lambda external_id: self.customer(LagoExternalId(external_id))
            )
        else:
            query = _query(external_id=selection.customer, entity=selection.billing_entity)
            rows = self._listed("/customers", Kind.CUSTOMER, query, schemas.read_customer)
        async for row in rows:
            if isinstance(row, Unreadable) or selects_customer(selection, row.document):
                yield row

    async def customer(self, external_id: LagoExternalId) -> Received[Customer]:
        """Fetch one customer.

        Rails cuts a path at a dot or a slash, and ``acme.com`` would give the customer
        ``acme``; such ids are looked up by a filter.
        """
        what = f"customer {external_id}"
        if set(external_id).isdisjoint("./") or not external_id:
            found = schemas.read_customer(await self._calls.get(f"/customers/{_segment(external_id)}", what))
            if found.document.external_id == external_id:
                return found
        else:
            async with aclosing(
                self._calls.rows("/customers", "customers", _query(external_id=external_id))
            ) as rows:
                async for row in rows:
                    if schemas.peek(row, Kind.CUSTOMER)[1] == external_id:
                        return schemas.read_customer(row)
        raise _unknown(what, "customer_not_found")

    def reread_customer(self, raw: bytes) -> Received[Customer]:
        """Read a customer again from bytes that were kept; nothing is called."""
        return schemas.read_customer(raw)

    async def invoices(self, selection: Selection) -> AsyncIterator[InvoiceSummary | Unreadable]:
        """List invoices of all visible statuses, each once, without their fees."""
        if selection.ids:
            rows = self._each(Kind.INVOICE, selection.ids, self._invoice_summary)
        else:
            query = _dated(selection) | _chosen(selection)
            rows = self._listed("/invoices", Kind.INVOICE, query, schemas.read_invoice_summary)
        async for row in rows:
            if isinstance(row, Unreadable):
                yield row
            elif selects_invoice(selection, *row):
                yield row[0]

    async def count(self, kind: Kind, selection: Selection) -> int | None:
        """Tell about how many documents a list has: Lago may be half an hour behind."""
        root = f"{kind.value}s"
        query = {**_dated(selection), "page": "1", "per_page": "1"}
        with as_refusal():
            page = schemas.read_page(await self._calls.get(f"/{root}", f"the number of {root}", query), root)
        return page.total_count

    async def invoice(self, lago_id: LagoId) -> Received[Invoice]:
        """Fetch one invoice, whole."""
        return schemas.read_invoice(
            await self._calls.get(f"/invoices/{_segment(lago_id)}", f"invoice {lago_id}")
        )

    async def fee(self, lago_id: LagoId) -> Fee:
        """Fetch one fee with its taxes."""
        return schemas.read_fee(await self._calls.get(f"/fees/{_segment(lago_id)}", f"fee {lago_id}"))

    async def credit_notes(self, selection: Selection) -> AsyncIterator[Received[CreditNote] | Unreadable]:
        """List finalized credit notes, each once."""
        if selection.ids:
            rows = self._each(Kind.CREDIT_NOTE, selection.ids, self._credit_note_named)
        else:
            query = _dated(selection) | _query(credit_status=selection.credit_status)
            rows = self._listed("/credit_notes", Kind.CREDIT_NOTE, query, schemas.read_credit_note)
        async for row in rows:
            if isinstance(row, Unreadable) or selects_credit_note(selection, row.document):
                yield row

    async def credit_note(self, lago_id: LagoId) -> Received[CreditNote]:
        """Fetch one credit note."""
        path = f"/credit_notes/{_segment(lago_id)}"
        return schemas.read_credit_note(await self._calls.get(path, f"credit note {lago_id}"))

    async def payments(
        self, selection: Selection, *, invoice: LagoId | None = None
    ) -> AsyncIterator[Received[Payment] | Unreadable]:
        """List payments, each once; those of one invoice if it is named.

        Lago filters payments by nothing else, so a period costs a full sweep.
        """
        if selection.ids and invoice is None:
            rows = self._each(Kind.PAYMENT, selection.ids, lambda lago_id: self.payment(LagoId(lago_id)))
        else:
            query = _query(external_customer_id=selection.customer, invoice_id=invoice)
            rows = self._listed("/payments", Kind.PAYMENT, query, schemas.read_payment)
        async for row in rows:
            if isinstance(row, Unreadable) or selects_payment(selection, row.document):
                yield row

    async def payment(self, lago_id: LagoId) -> Received[Payment]:
        """Fetch one payment."""
        return schemas.read_payment(
            await self._calls.get(f"/payments/{_segment(lago_id)}", f"payment {lago_id}")
        )

    async def catalog_section(self, section: str) -> Sequence[Row]:
        """Fetch a section of ``catalog.LAGO_SECTIONS``; fractions are decimal strings."""
        if section not in LAGO_SECTIONS:
            raise ValueError(f"Lago has no catalog section {section!r}")
        found: dict[object, Row] = {}
        async for raw in self._calls.rows(f"/{section}", section, {}):
            row = _catalog_row(raw, section)
            found.setdefault(row.get("lago_id") or row.get("code"), row)
        return tuple(found.values())

    async def write(self, request: LagoRequest) -> Tree:
        """Ask Lago for a change, again only where surely nothing was executed.

        Raises:
            InDoubtError: It may have been executed: the answer was lost, or Lago failed meanwhile.
        """
        raw = await self._calls.change(request)
        try:
            return schemas.read_tree(raw, next(iter(request.body)))
        except DocumentError as error:
            raise unknown_end(request, "its answer cannot be read") from error

    async def _invoice_summary(self, name: str) -> tuple[InvoiceSummary, Tree]:
        if is_lago_id(name):
            raw = await self._calls.get(f"/invoices/{_segment(name)}", f"invoice {name}")
        else:
            raw = await self._numbered("/invoices", Kind.INVOICE, name)
        return schemas.read_invoice_summary(raw)

    async def _credit_note_named(self, name: str) -> Received[CreditNote]:
        if is_lago_id(name):
            return await self.credit_note(LagoId(name))
        return schemas.read_credit_note(await self._numbered("/credit_notes", Kind.CREDIT_NOTE, name))

    async def _numbered(self, path: str, kind: Kind, number: str) -> bytes:
        """Find a document by its number; two billing entities may use the same one."""
        found: dict[str | None, bytes] = {}
        async for raw in self._calls.rows(path, f"{kind.value}s", _query(search_term=number)):
            lago_id, own = schemas.peek(raw, kind)
            if own == number:
                found.setdefault(lago_id, raw)
        if len(found) == 1:
            return found.popitem()[1]
        what = f"{kind.value.replace('_', ' ')} {number}"
        if not found:
            raise _unknown(what, f"{kind.value}_not_found")
        raise RejectedError(
            f"Lago has {len(found)} documents called {what}: {', '.join(map(str, found))}.",
            system=SYSTEM,
            hint="Name the one you mean by its Lago id.",
            code="ambiguous_number",
        )

    async def _each(
        self, kind: Kind, names: Sequence[str], fetch: Callable[[str], Awaitable[T]]
    ) -> AsyncIterator[T | Unreadable]:
        """Fetch named documents, some at a time; one that is missing stops no other."""

        async def one(name: str) -> T | Unreadable:
            try:
                return await fetch(name)
            except (DocumentError, RejectedError) as error:
                lago_id = LagoId(name) if kind is not Kind.CUSTOMER and is_lago_id(name) else None
                number = None if lago_id else name
                return Unreadable(kind=kind, lago_id=lago_id, number=number, error=error)

        async with aclosing(each_ahead(dict.fromkeys(names), one, MOST_IN_FLIGHT)) as fetched:
            async for found in fetched:
                yield found

    async def _listed(
        self, path: str, kind: Kind, query: Query, read: Callable[[bytes], T]
    ) -> AsyncIterator[T | Unreadable]:
        """List documents, each once, in Lago's order."""
        seen = Recent()
        async with aclosing(self._calls.rows(path, f"{kind.value}s", query)) as rows:
            async for raw in rows:
                lago_id, number = schemas.peek(raw, kind)
                if lago_id is not None and not seen.is_new(lago_id):
                    continue
                try:
                    yield read(raw)
                except DocumentError as error:
                    known = LagoId(lago_id) if lago_id else None
                    yield Unreadable(kind=kind, lago_id=known, number=number, error=error)


def _unknown(what: str, code: str) -> RejectedError:
    return RejectedError(
        f"Lago knows no {what}.",
        system=SYSTEM,
        hint="Check the id, and that the API key is of this organization.",
        code=code,
        status=404,
    )


def _segment(name: str) -> str:
    if not name:
        raise _unknown("document without an id", "lago_no_id")
    # A dot is safe in a URL, but two of them would climb out of the path.
    return quote(_sendable(name), safe="").replace(".", "%2E")


def _sendable(text: str) -> str:
    """Replace bytes of a command line that were no text; no id of Lago holds any."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _query(*, entity: str | None = None, **filters: str | None) -> dict[str, str | list[str]]:
    query: dict[str, str | list[str]] = {
        name: _sendable(value) for name, value in filters.items() if value is not None
    }
    if entity is not None:
        # Without the brackets Lago's server fails.
        query["billing_entity_codes[]"] = [_sendable(entity)]
    return query


def _chosen(selection: Selection) -> dict[str, str | list[str]]:
    chosen = {"status[]": selection.statuses, "payment_status[]": selection.payment_statuses}
    return {name: list(values) for name, values in chosen.items() if values}


def _dated(selection: Selection) -> dict[str, str | list[str]]:
    return _query(
        external_customer_id=selection.customer,
        issuing_date_from=selection.since.isoformat() if selection.since else None,
        issuing_date_to=selection.until.isoformat() if selection.until else None,
        entity=selection.billing_entity,
    )


def _catalog_row(raw: bytes, section: str) -> Row:
    try:
        row = _ROW.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise unusable(f"A row of Lago's {section} cannot be read: {error}.") from error
    if not isinstance(row.get("code"), str):
        raise unusable(f"A row of Lago's {section} has no code.")
    return row
