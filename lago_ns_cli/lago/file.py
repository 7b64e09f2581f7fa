"""Documents from a file, in place of Lago's API.

Taken are ``{"invoice": {…}}``, a bare object, ``{"invoices": […]}``, a list, and JSON lines of any
of these; the same for customers, credit notes and payments. A root key tells the kind; a bare
object is of the kind that the command is about. No call to Lago is made.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import cached_property
from typing import TypeVar

from lago_ns_cli.domain.catalog import Row
from lago_ns_cli.domain.documents import CreditNote, Customer, Fee, Invoice, InvoiceSummary, Payment, Received
from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.identifiers import Kind, LagoExternalId, LagoId
from lago_ns_cli.errors import ConfigError, DocumentError
from lago_ns_cli.lago import schemas, trees
from lago_ns_cli.lago.pieces import Piece, cut
from lago_ns_cli.lago.selecting import (
    selects_credit_note,
    selects_customer,
    selects_invoice,
    selects_payment,
)

T = TypeVar("T")


class FileSource:
    """Serves the documents of one file; satisfies ``LagoSource``.

    A document that stands in the file twice is served once, as it stands last.

    Args:
        content: The whole file.
        kind: What a bare object is.
        name: What the file is called in messages.

    Raises:
        ConfigError: The file is empty, is no JSON, or holds nothing of Lago's; the message names
            the line and the column.
    """

    def __init__(self, content: bytes, *, kind: Kind, name: str = "-") -> None:
        self._name = "standard input" if name == "-" else name
        self._pieces: dict[tuple[Kind, object], Piece] = {}
        for piece in cut(content, kind, self._name):
            identity: object = piece.lago_id or len(self._pieces)
            self._pieces[piece.kind, identity] = piece

    async def aclose(self) -> None:
        """Nothing is held open."""

    async def organization(self) -> None:
        """A file names no organization."""
        return

    async def customers(self, selection: Selection) -> AsyncIterator[Received[Customer] | Unreadable]:
        """List the customers that stand in the file by themselves, each once."""
        for row in self._listed(Kind.CUSTOMER, selection, schemas.read_customer):
            if isinstance(row, Unreadable) or selects_customer(selection, row.document):
                yield row

    async def customer(self, external_id: LagoExternalId) -> Received[Customer]:
        """Find a customer: one of the file's own, or one that an invoice or a credit note embeds."""
        for piece in self._of(Kind.CUSTOMER):
            if piece.number == external_id:
                return schemas.read_customer(piece.raw)
        embedded = self._embedded.get(external_id)
        if embedded is None:
            raise self._absent(f"customer {external_id}")
        return schemas.read_customer(embedded)

    def reread_customer(self, raw: bytes) -> Received[Customer]:
        """Read a customer again from bytes that were kept; nothing is called."""
        return schemas.read_customer(raw)

    async def invoices(self, selection: Selection) -> AsyncIterator[InvoiceSummary | Unreadable]:
        """List the invoices, each once."""
        for row in self._listed(Kind.INVOICE, selection, schemas.read_invoice_summary):
            if isinstance(row, Unreadable):
                yield row
            elif selects_invoice(selection, *row):
                yield row[0]

    async def count(self, kind: Kind, selection: Selection) -> int | None:
        """A file is read at once, so nobody waits for its end."""

    async def invoice(self, lago_id: LagoId) -> Received[Invoice]:
        """Find one invoice."""
        return schemas.read_invoice(self._one(Kind.INVOICE, lago_id).raw)

    async def fee(self, lago_id: LagoId) -> Fee:
        """Find one fee that states its taxes, which fees within an invoice usually do not."""
        for piece in self._of(Kind.INVOICE):
            if piece.error is None and lago_id.encode() in piece.raw:
                for fee in schemas.read_invoice(piece.raw).document.fees:
                    if fee.lago_id == lago_id and fee.applied_taxes is not None:
                        return fee
        raise DocumentError(
            f"{self._name} does not say which taxes fee {lago_id} bears.",
            hint="Run the command without --from, so that Lago can be asked.",
            code="fee_taxes_unknown",
        )

    async def credit_notes(self, selection: Selection) -> AsyncIterator[Received[CreditNote] | Unreadable]:
        """List the credit notes, each once."""
        for row in self._listed(Kind.CREDIT_NOTE, selection, schemas.read_credit_note):
            if isinstance(row, Unreadable) or selects_credit_note(selection, row.document):
                yield row

    async def credit_note(self, lago_id: LagoId) -> Received[CreditNote]:
        """Find one credit note."""
        return schemas.read_credit_note(self._one(Kind.CREDIT_NOTE, lago_id).raw)

    async def payments(
        self, selection: Selection, *, invoice: LagoId | None = None
    ) -> AsyncIterator[Received[Payment] | Unreadable]:
        """List the payments, each once; those of one invoice if it is named."""
        for row in self._listed(Kind.PAYMENT, selection, schemas.read_payment):
            if isinstance(row, Unreadable) or (
                selects_payment(selection, row.document) and invoice in (None, *row.document.invoice_ids)
            ):
                yield row

    async def payment(self, lago_id: LagoId) -> Received[Payment]:
        """Find one payment."""
        return schemas.read_payment(self._one(Kind.PAYMENT, lago_id).raw)

    async def catalog_section(self, section: str) -> Sequence[Row]:
        """A file holds no catalog.

        Raises:
            ConfigError: Always.
        """
        raise ConfigError(f"{self._name} holds documents, but no {section}.", hint="Run it without --from.")

    @cached_property
    def _embedded(self) -> dict[str, bytes]:
        """The customers within credit notes and invoices, by external id; the last one stands."""
        found: dict[str, bytes] = {}
        for piece in (*self._of(Kind.CREDIT_NOTE), *self._of(Kind.INVOICE)):
            try:
                customer = bytes(trees.read_members(piece.raw).get("customer", b""))
            except trees.TreeError:
                continue
            _, external_id = schemas.peek(customer, Kind.CUSTOMER)
            if external_id is not None:
                found[external_id] = customer
        return found

    def _of(self, kind: Kind) -> list[Piece]:
        return [piece for piece in self._pieces.values() if piece.kind is kind]

    def _listed(
        self, kind: Kind, selection: Selection, read: Callable[[bytes], T]
    ) -> Iterator[T | Unreadable]:
        """Read what is meant of a kind, as far as ids tell; ids that are not there follow."""
        wanted = {name.lower(): name for name in selection.ids}
        met: set[str] = set()
        for piece in self._of(kind):
            names = {name.lower() for name in (piece.lago_id, piece.number) if name is not None}
            if wanted and not names & wanted.keys():
                continue
            met |= names
            try:
                if piece.error is not None:
                    raise piece.error
                yield read(piece.raw)
            except DocumentError as error:
                yield Unreadable(kind=kind, lago_id=piece.lago_id, number=piece.number, error=error)
        for name in (name for lowered, name in wanted.items() if lowered not in met):
            absent = self._absent(f"{kind.value.replace('_', ' ')} {name}")
            yield Unreadable(kind=kind, lago_id=None, number=name, error=absent)

    def _one(self, kind: Kind, lago_id: LagoId) -> Piece:
        piece = self._pieces.get((kind, lago_id))
        if piece is None:
            raise self._absent(f"{kind.value.replace('_', ' ')} {lago_id}")
        return piece

    def _absent(self, what: str) -> DocumentError:
        return DocumentError(
            f"{self._name} holds no {what}.",
            hint="Add it to the file, or run the command without --from.",
            code="not_in_file",
        )
