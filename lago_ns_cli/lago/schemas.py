"""Lago's JSON, read strictly into the domain's documents.

The bytes are decoded once into a tree that keeps every digit of every number, and the tree is
converted into a document without any leniency: a number where Lago has text, a text where it has
an integer, a boolean for a number, a key that stands twice: each is refused, and named.
Rates come as JSON numbers and other decimals as JSON texts, so a ``Decimal`` takes both.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Final, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from lago_ns_cli.domain.documents import (
    CreditNote,
    Customer,
    DocumentT,
    Fee,
    Invoice,
    InvoiceSummary,
    Payment,
    Received,
    Tree,
)
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.errors import DocumentError
from lago_ns_cli.lago import trees

T = TypeVar("T")

MALFORMED: Final = "malformed_document"
ROOTS: Final[Mapping[Kind, str]] = {kind: kind.value for kind in Kind}
"""The key under which a single object of a kind stands; its plural holds a list."""


class _Names(msgspec.Struct):
    """What a document is called, whatever else it holds."""

    lago_id: object = None
    external_id: object = None
    number: object = None


_NAMES = msgspec.json.Decoder(_Names)
# Beyond this many digits before or after the point a number is no amount, and arithmetic on it
# could fill the memory.
_MOST_DIGITS = 60


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: the rows as they came, the page to ask for next, and how many rows there are in all."""

    rows: tuple[bytes, ...]
    next_page: int | None
    total_count: int | None = None


def read_customer(raw: bytes) -> Received[Customer]:
    """Read a customer, bare or under ``customer``.

    Raises:
        DocumentError: ``malformed_document``; the message names the document, the path and the fault.
    """
    return _received(raw, Kind.CUSTOMER, Customer)


def read_invoice(raw: bytes) -> Received[Invoice]:
    """Read a whole invoice, bare or under ``invoice``.

    Raises:
        DocumentError: As for ``read_customer``.
    """
    return _received(raw, Kind.INVOICE, Invoice)


def read_credit_note(raw: bytes) -> Received[CreditNote]:
    """Read a credit note, bare or under ``credit_note``.

    Raises:
        DocumentError: As for ``read_customer``.
    """
    return _received(raw, Kind.CREDIT_NOTE, CreditNote)


def read_payment(raw: bytes) -> Received[Payment]:
    """Read a payment, bare or under ``payment``.

    Raises:
        DocumentError: As for ``read_customer``.
    """
    return _received(raw, Kind.PAYMENT, Payment)


def read_invoice_summary(raw: bytes) -> tuple[InvoiceSummary, Tree]:
    """Read an invoice as a list gives it; a whole one will do as well.

    Raises:
        DocumentError: As for ``read_customer``.
    """
    _, tree = _object(raw, Kind.INVOICE.value)
    return _convert(tree, InvoiceSummary, Kind.INVOICE.value), tree


def read_fee(raw: bytes) -> Fee:
    """Read a fee, bare or under ``fee``.

    Raises:
        DocumentError: As for ``read_customer``.
    """
    return _convert(_object(raw, "fee")[1], Fee, "fee")


def read_tree(raw: bytes, root: str) -> Tree:
    """Read an object of any kind, bare or under its root key, as a tree.

    Raises:
        DocumentError: It is not JSON, or not an object.
    """
    return _object(raw, root)[1]


def read_page(raw: bytes, root: str) -> Page:
    """Cut a list into its rows, without reading them: one bad row spoils no other.

    Args:
        root: The plural key; a list without ``meta`` is one page.

    Raises:
        DocumentError: It is not JSON, or holds no list under the key.
    """
    try:
        members = trees.read_members(raw)
        rows = trees.read_elements(members[root])
        meta = trees.read_tree(bytes(members["meta"])) if "meta" in members else {}
    except (trees.TreeError, KeyError) as error:
        raise DocumentError(f"Lago's answer is not a list of {root}.", code=MALFORMED) from error
    next_page = meta.get("next_page") if isinstance(meta, dict) else None
    if next_page is not None and type(next_page) is not int:
        raise DocumentError(f"Lago's list of {root} names no next page: {next_page!r}.", code=MALFORMED)
    total = meta.get("total_count") if isinstance(meta, dict) else None
    return Page(tuple(bytes(row) for row in rows), next_page, total if type(total) is int else None)


def identify(tree: object, kind: str) -> tuple[str | None, str | None]:
    """Find a document's Lago id and what a person calls it, as far as they can be read."""
    if isinstance(tree, Mapping):
        tree = _Names(*(tree.get(name) for name in _Names.__struct_fields__))
    if not isinstance(tree, _Names):
        return None, None
    lago_id, number = tree.lago_id, tree.external_id if kind == Kind.CUSTOMER else tree.number
    return (lago_id if isinstance(lago_id, str) else None, number if isinstance(number, str) else None)


def peek(raw: bytes, kind: str) -> tuple[str | None, str | None]:
    """As ``identify``, from bytes that may be anything, without reading them whole."""
    try:
        return identify(trees.decode(_NAMES, raw), kind)
    except trees.TreeError:
        return None, None


def _received(raw: bytes, kind: Kind, cls: type[DocumentT]) -> Received[DocumentT]:
    own, tree = _object(raw, kind.value)
    return Received(document=_convert(tree, cls, kind.value), tree=tree, raw=own)


def _object(raw: bytes, root: str) -> tuple[bytes, Tree]:
    """Decode an object, bare or under its root key; returns its own bytes and its tree."""
    try:
        whole = trees.read_tree(raw)
    except trees.TreeError as error:
        raise _malformed(root, None, None, str(error)) from error
    own, tree = raw, whole
    if isinstance(whole, dict) and "lago_id" not in whole and root in whole:
        own, tree = bytes(trees.read_members(raw)[root]), whole[root]
    if twin := trees.twin_key(raw, whole):
        raise _malformed(root, *identify(tree, root), twin)
    if not isinstance(tree, dict):
        raise _malformed(
            root, None, None, f"expected an object, got {_WORDS.get(type(tree).__name__, 'something else')}"
        )
    return own, tree


def _convert(tree: Tree, cls: type[T], what: str) -> T:
    try:
        value = msgspec.convert(tree, cls)
    except msgspec.ValidationError as error:
        raise _malformed(what, *identify(tree, what), _plain(str(error))) from error
    fault = _fault(value, "")
    if fault is not None:
        raise _malformed(what, *identify(tree, what), fault)
    return value


@dataclass(frozen=True, slots=True)
class _Checks:
    """The fields of a class that need more than their type."""

    decimals: tuple[str, ...]
    times: tuple[str, ...]
    objects: tuple[str, ...]
    lists: tuple[str, ...]


def _fault(value: object, path: str) -> str | None:
    """Find a decimal that is no number, or a time that could be any time zone's."""
    cls: type = type(value)
    checks = _checks(cls)
    for name in checks.decimals:
        number = getattr(value, name)
        if number is not None and not (
            number.is_finite() and -_MOST_DIGITS < number.adjusted() < _MOST_DIGITS
        ):
            return f"{path}{name}: {number} is not an amount"
    for name in checks.times:
        time = getattr(value, name)
        if time is not None and time.tzinfo is None:
            return f"{path}{name}: {time.isoformat()} names no time zone"
    for name in checks.objects:
        part = getattr(value, name)
        if part is not None and (fault := _fault(part, f"{path}{name}.")):
            return fault
    for name in checks.lists:
        for index, part in enumerate(getattr(value, name) or ()):
            if fault := _fault(part, f"{path}{name}[{index}]."):
                return fault
    return None


@cache
def _checks(cls: type) -> _Checks:
    found: dict[str, list[str]] = {"decimals": [], "times": [], "objects": [], "lists": []}
    hints = get_type_hints(cls)
    for field in fields(cls):
        for part in _alternatives(hints[field.name]):
            if part is Decimal:
                found["decimals"].append(field.name)
            elif part is datetime:
                found["times"].append(field.name)
            elif hasattr(part, "__dataclass_fields__"):
                found["objects"].append(field.name)
            elif get_origin(part) is tuple and hasattr(get_args(part)[0], "__dataclass_fields__"):
                found["lists"].append(field.name)
    return _Checks(**{name: tuple(names) for name, names in found.items()})


def _alternatives(hint: object) -> tuple[object, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


_WORDS = {
    "str": "text",
    "int": "an integer",
    "decimal": "a decimal number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "list": "a list",
    "object": "an object",
}


def _plain(message: str) -> str:
    """Put the path first, without the tree's own sign, and call types what people call them."""
    what, _, where = message.partition(" - at `")
    path = where.rstrip("`").removeprefix("$").removeprefix(".")
    what = re.sub(r"`([^`]*)`", _in_words, what)
    what = what[:1].lower() + what[1:]
    return f"{path}: {what}" if path else what


def _in_words(match: re.Match[str]) -> str:
    return " or ".join(_WORDS.get(name, name) for name in match[1].split(" | "))


def _malformed(what: str, lago_id: str | None, number: str | None, fault: str) -> DocumentError:
    name = " ".join(part for part in (number, f"({lago_id})" if lago_id else None) if part)
    title = f"{what.replace('_', ' ').capitalize()} {name}".rstrip()
    return DocumentError(
        f"{title} is not what Lago promises: {fault}.",
        hint="Compare it with the document in Lago; run the command again once it is whole.",
        code=MALFORMED,
    )
