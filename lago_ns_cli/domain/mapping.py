"""The mappings an operator keeps, and the look-ups over them.

The look-up orders, each from the most exact row to the most general::

    tax          (tax, billing entity) → tax → billing entity's default → defaults
    item         (object, entity) → object → (type, entity) → type → (Default Item, entity) → Default Item
    subsidiary   row of the billing entity → billing entity's default → defaults
    payment      (provider, currency) → provider → currency → the row without either;
                 a provider by its code, then by its family
    grouping     the first row whose restrictions all hold
    terms        row of the number of days

The billing entity is the document's, never the customer's present one. Every look-up says
which row won and which it passed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Generic, TypeVar

VERSION = 1


class CreditNotePolicy(StrEnum):
    """How an invoice shows the credit notes it consumes."""

    NEGATIVE_LINE = "negative_line"  # as Lago does: a negative line, beside a memo that stays open
    APPLY_MEMO = "apply_memo"  # no line: the open memo is applied, so credit is counted once


class FieldType(StrEnum):
    """How a mapped value is written."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class TaxTarget:
    """Where a tax goes: ids of a nexus, a tax type and a tax code (legacy: the code alone)."""

    tax_code: str
    tax_type: str | None = None
    nexus: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """A Lago object and its NetSuite item.

    ``lago`` is ``<kind>:<code>``: ``billable_metric``, ``add_on``, ``plan``, ``commitment``
    (by plan code), ``coupon``, ``product``.
    """

    lago: str
    item: str
    billing_entity: str | None = None
    recognition: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRow:
    """A Lago tax, or in the legacy regime a set of taxes, and where it goes."""

    lago: tuple[str, ...]
    target: TaxTarget
    billing_entity: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidiaryRow:
    """A billing entity and its subsidiary."""

    billing_entity: str
    subsidiary: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """Where payments of a provider and currency go; both are optional."""

    account: str | None
    method: str | None = None
    provider: str | None = None
    currency: str | None = None
    billing_entity: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A path of the Lago document, or a literal, and the NetSuite field it goes to.

    ``source`` is a dotted path (``customer.metadata.region``); ``literal`` stands instead of it.
    ``list`` names the catalog section in which a ``list`` value that is not an id is looked up.
    """

    to: str
    source: str | None = None
    literal: str | bool | None = None
    type: FieldType = FieldType.TEXT
    list: str | None = None
    billing_entity: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupingRow:
    """Usage lines that become one line of ``item``; empty restrictions mean all."""

    item: str
    customers: tuple[str, ...] = ()
    invoice_types: tuple[str, ...] = ()
    billing_entity: str | None = None
    note: str | None = None

    def applies(self, customer: str, invoice_type: str, entity: str) -> bool:
        """Tell whether an invoice's usage is grouped by this row."""
        return (
            (not self.customers or customer in self.customers)
            and (not self.invoice_types or invoice_type in self.invoice_types)
            and self.billing_entity in (None, entity)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreRow:
    """Differences that are known and accepted: those that all of its words fit.

    Args:
        finding: What differs, as ``reconcile`` names it.
        kind: ``customer``, ``invoice``, ``credit_note`` or ``payment``.
        customer: Of this customer, by its external id.
        currency: Of amounts in this currency.
        below: Of less than this amount, in major units; goes with ``currency``.
        until: The last day on which it holds.
    """

    finding: str
    note: str
    kind: str | None = None
    customer: str | None = None
    currency: str | None = None
    below: Decimal | None = None
    until: date | None = None
    billing_entity: str | None = None


ITEM_TYPES = (
    "subscription",
    "commitment",
    "charge",
    "fixed_charge",
    "add_on",
    "product",
    "coupon",
    "prepaid_credit",
    "prepaid_granted",
    "prepaid_purchased",
    "prepaid_purchase",
    "progressive_billing",
    "credit_note",
)
"""The keys of ``item_by_type``: types of fees, and of the credits that become lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What holds where no row is more exact; None means "not said here"."""

    item: str | None = None
    item_by_type: Mapping[str, str] = field(default_factory=dict)
    tax: TaxTarget | None = None
    untaxed_code: str | None = None
    subsidiary: str | None = None
    credit_note_policy: CreditNotePolicy | None = None


@dataclass(frozen=True, slots=True)
class FieldRows:
    """The header and line rows of one kind of document."""

    header: tuple[FieldRow, ...] = ()
    line: tuple[FieldRow, ...] = ()


ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Resolution(Generic[ValueT]):
    """What a look-up found.

    Args:
        value: None where no row applies.
        won: The row that won, as a person would name it; None where none did.
        passed: The more exact rows that were looked for and are not there.
    """

    value: ValueT | None
    won: str | None
    passed: tuple[str, ...]
    by_default: bool = False


_Candidate = tuple[str, ValueT | None]


def _first(candidates: Iterable[_Candidate[ValueT]], default: Callable[[str], bool]) -> Resolution[ValueT]:
    passed: list[str] = []
    for name, value in candidates:
        if value is not None:
            return Resolution(value, name, tuple(passed), default(name))
        passed.append(name)
    return Resolution(None, None, tuple(passed))


def _never(_name: str) -> bool:
    return False


def _is_default(name: str) -> bool:
    return name.startswith(("defaults.", "billing_entities."))


@dataclass(frozen=True, kw_only=True)
class Mappings:
    """Everything in ``mappings.toml``."""

    defaults: Defaults = field(default_factory=Defaults)
    entity_defaults: Mapping[str, Defaults] = field(default_factory=dict)
    items: tuple[ItemRow, ...] = ()
    taxes: tuple[TaxRow, ...] = ()
    subsidiaries: tuple[SubsidiaryRow, ...] = ()
    currencies: Mapping[str, str] = field(default_factory=dict)
    payments: tuple[PaymentRow, ...] = ()
    fields: Mapping[str, FieldRows] = field(default_factory=dict)
    """By kind: ``customer``, ``invoice``, ``credit_note``, ``payment``."""
    grouping: tuple[GroupingRow, ...] = ()
    terms: Mapping[int, str] = field(default_factory=dict)
    """NetSuite's terms by Lago's ``net_payment_term``, in days."""
    ignore: tuple[IgnoreRow, ...] = ()
    """Differences between both sides that need nobody."""

    @cached_property
    def _items(self) -> Mapping[tuple[str, str | None], ItemRow]:
        return {(row.lago, row.billing_entity): row for row in self.items}

    @cached_property
    def _taxes(self) -> Mapping[tuple[frozenset[str], str | None], TaxTarget]:
        return {(frozenset(row.lago), row.billing_entity): row.target for row in self.taxes}

    # Each look-up is made once: every fee of every invoice asks, and mappings never change.
    @cached_property
    def _found_items(self) -> dict[tuple[str | None, tuple[str, ...], str], Resolution[str]]:
        return {}

    @cached_property
    def _found_taxes(self) -> dict[tuple[frozenset[str], str], Resolution[TaxTarget]]:
        return {}

    def _of_entity(self, entity: str) -> Defaults:
        return self.entity_defaults.get(entity) or _NOTHING

    def item(self, lago: str | None, item_type: str | Sequence[str], entity: str) -> Resolution[str]:
        """Find the item of a fee or a credit.

        Args:
            lago: The object, ``<kind>:<code>``; None for credits without one.
            item_type: A key of ``ITEM_TYPES``, or several from the exact to the general.
            entity: The document's billing entity.
        """
        types = (item_type,) if isinstance(item_type, str) else tuple(item_type)
        found = self._found_items.get((lago, types, entity))
        if found is None:
            candidates = self._item_candidates(lago, types, entity)
            found = _first(candidates, lambda name: name.endswith(".item"))
            self._found_items[lago, types, entity] = found
        return found

    def _item_candidates(
        self, lago: str | None, types: Iterable[str], entity: str
    ) -> Iterable[_Candidate[str]]:
        own = self._of_entity(entity)
        if lago is not None:
            for billing_entity in (entity, None):
                row = self._items.get((lago, billing_entity))
                yield _row_name("items", lago, billing_entity), row.item if row else None
        for name in types:
            yield f"billing_entities.{entity}.item_by_type.{name}", own.item_by_type.get(name)
            yield f"defaults.item_by_type.{name}", self.defaults.item_by_type.get(name)
        yield f"billing_entities.{entity}.item", own.item
        yield "defaults.item", self.defaults.item

    def tax(self, taxes: Iterable[str], entity: str) -> Resolution[TaxTarget]:
        """Find where a tax (or, legacy, a set of taxes) goes; defaults are a notice."""
        wanted = frozenset(taxes)
        found = self._found_taxes.get((wanted, entity))
        if found is None:
            found = self._found_taxes[wanted, entity] = _first(
                self._tax_candidates(wanted, entity), _is_default
            )
        return found

    def _tax_candidates(self, wanted: frozenset[str], entity: str) -> Iterable[_Candidate[TaxTarget]]:
        label = " + ".join(sorted(wanted))
        for owner in (entity, None):
            yield _row_name("taxes", label, owner), self._taxes.get((wanted, owner))
        yield f"billing_entities.{entity}.tax", self._of_entity(entity).tax
        yield "defaults.tax", self.defaults.tax

    def untaxed_code(self, entity: str) -> Resolution[str]:
        """Find the legacy tax code of lines without tax."""
        return self._setting(entity, "untaxed_code", lambda defaults: defaults.untaxed_code)

    def subsidiary(self, entity: str) -> Resolution[str]:
        """Find the subsidiary of a billing entity."""
        row = next((row.subsidiary for row in self.subsidiaries if row.billing_entity == entity), None)
        return _first(
            (
                (f"subsidiaries.{entity}", row),
                (f"billing_entities.{entity}.subsidiary", self._of_entity(entity).subsidiary),
                ("defaults.subsidiary", self.defaults.subsidiary),
            ),
            _is_default,
        )

    def currency(self, code: str) -> Resolution[str]:
        """Find a currency record; there is no default, since a wrong one is a wrong amount."""
        return _first(((f"currencies.{code}", self.currencies.get(code)),), _never)

    def payment(self, providers: Sequence[str], currency: str, entity: str) -> Resolution[PaymentRow]:
        """Find the account and method of a payment.

        Args:
            providers: The names that a row may mean the provider by, the exact one first.
        """
        rows = {(row.provider, row.currency, row.billing_entity): row for row in self.payments}
        return _first(
            (
                (_row_name(f"payments.{who or '*'}.{coin or '*'}", None, owner), rows.get((who, coin, owner)))
                for who, coin in _payment_order(providers, currency)
                for owner in (entity, None)
            ),
            _never,
        )

    def credit_note_policy(self, entity: str) -> CreditNotePolicy:
        """Tell how consumed credit notes show; as Lago does where nothing is said."""
        found = self._setting(entity, "credit_note_policy", lambda defaults: defaults.credit_note_policy)
        return found.value or CreditNotePolicy.NEGATIVE_LINE

    def grouping_for(self, customer: str, invoice_type: str, entity: str) -> Resolution[GroupingRow]:
        """Find the first grouping row that applies to an invoice.

        Args:
            customer: Lago's external id of the customer.
        """
        return _first(
            (
                (f"grouping row {number}", row if row.applies(customer, invoice_type, entity) else None)
                for number, row in enumerate(self.grouping, start=1)
            ),
            _never,
        )

    def terms_for(self, days: int | None) -> Resolution[str]:
        """Find the NetSuite terms of a net payment term, in days."""
        if days is None:
            return Resolution(None, None, ())
        return _first(((f"terms.{days}", self.terms.get(days)),), _never)

    def _setting(
        self, entity: str, name: str, read: Callable[[Defaults], ValueT | None]
    ) -> Resolution[ValueT]:
        return _first(
            (
                (f"billing_entities.{entity}.{name}", read(self._of_entity(entity))),
                (f"defaults.{name}", read(self.defaults)),
            ),
            _is_default,
        )


_NOTHING = Defaults()


def _row_name(table: str, lago: str | None, entity: str | None) -> str:
    name = table if lago is None else f"{table}.{lago}"
    return name if entity is None else f"{name} ({entity})"


def _payment_order(names: Sequence[str], currency: str) -> list[tuple[str | None, str | None]]:
    named: list[tuple[str | None, str | None]] = [(name, coin) for name in names for coin in (currency, None)]
    return [*dict.fromkeys(named), (None, currency), (None, None)]


def merge_field_rows(rows: Sequence[FieldRow], entity: str) -> tuple[FieldRow, ...]:
    """Keep the rows that hold for a billing entity; an entity's own row replaces the general one."""
    own = {row.to for row in rows if row.billing_entity == entity}
    return tuple(
        row
        for row in rows
        if row.billing_entity == entity or (row.billing_entity is None and row.to not in own)
    )
