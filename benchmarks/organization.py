"""A Lago organization of any size, each of whose answers follows from an index alone.

Invoices of so many fees each, all finalized, newest first; nothing is stored, so the organization starts at
once and takes no memory, and an answer costs little. The form of every object is that of the simulator's own
generator, from which the templates are taken; whatever else is asked goes to the simulator's own (empty)
organization. An unknown filter is answered with 400, so that a figure is never measured on the wrong list.
"""

import hmac
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote

import msgspec

from lago_ns_cli.simulator.exchange import Call
from lago_ns_cli.simulator.faults import Fault
from lago_ns_cli.simulator.lago.generator import Generator
from lago_ns_cli.simulator.lago.source import Kind, Place
from lago_ns_cli.simulator.lago_service import LagoService
from lago_ns_cli.simulator.netsuite.envelopes import Answer
from lago_ns_cli.simulator.world import SAMPLE_CUSTOMER_ID

Json = dict[str, Any]

_METRICS = (
    ("api_calls", "500"),
    ("tokens_input", "501"),
    ("tokens_output", "502"),
    ("storage_gb_hours", "503"),
    ("compute_hours", "504"),
    ("payment_volume", "505"),
)
"""What is billed, and the item that the simulator's mappings send it to."""

_RATE_PERCENT = 8.875
_RATE_PER_100_000 = 8875
_TAX = {"taxtype": "3", "taxcode": "14"}
_NEXUS = "1"
_API = "/api/v1/"
_INVOICE_ID = "-0000-4000-8000-00000000aaaa"
_CUSTOMER_ID = "-0000-4000-8000-00000000cccc"
_JSON = {"content-type": "application/json; charset=utf-8"}
_ONLY_IN_SINGLE = frozenset(
    {
        "subscriptions",
        "billing_periods",
        "fees",
        "credits",
        "error_details",
        "applied_invoice_custom_sections",
    }
)


@dataclass(frozen=True)
class Shape:
    """How large the organization is.

    Attributes:
        invoices: Index 0 is the newest.
        customers: Neighbours in the list belong to the same one, as many as there are for each.
        days: Over how many issuing dates the invoices are spread evenly, up to ``last_day``.
        fees: On each invoice.
    """

    invoices: int
    customers: int
    last_day: date
    days: int = 1
    fees: int = 10

    def issued(self, index: int) -> date:
        """The issuing date of an invoice."""
        return self.last_day - timedelta(days=index * self.days // self.invoices)

    def issued_before(self, day: date) -> int:
        """The index of the newest invoice that was issued before a day; ``invoices`` if there is none."""
        later = (self.last_day - day).days + 1
        return min(max(-(-later * self.invoices // self.days), 0), self.invoices)

    def customer_of(self, index: int) -> int:
        """Whose invoice it is."""
        return index * self.customers // self.invoices

    def invoices_of(self, customer: int) -> range:
        """The invoices of a customer."""
        first, end = (-(-one * self.invoices // self.customers) for one in (customer, customer + 1))
        return range(first, end)


class Documents:
    """Writes the documents of a shape."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._invoice, self._fee, self._customer = _templates()

    def units(self, index: int) -> Iterator[int]:
        """The units of each fee; one costs a cent."""
        for position in range(self.shape.fees):
            yield 1000 + (index * 7 + position * 613) % 9000

    def total_cents(self, index: int) -> int:
        """What an invoice comes to, tax included."""
        amount = sum(self.units(index))
        return amount + _tax(amount)

    def invoice(self, index: int, *, whole: bool) -> Json:
        """An invoice as ``GET /invoices/{id}`` shows it, or as it is listed."""
        lago_id, issued = invoice_id(index), self.shape.issued(index)
        amount = sum(self.units(index))
        tax = _tax(amount)
        created = f"{issued.isoformat()}T{_clock_time(index)}Z"
        document = {
            **self._invoice,
            "lago_id": lago_id,
            "sequential_id": index + 1,
            "number": invoice_number(index),
            "issuing_date": issued.isoformat(),
            "payment_due_date": (issued + timedelta(days=30)).isoformat(),
            "fees_amount_cents": amount,
            "taxes_amount_cents": tax,
            "sub_total_excluding_taxes_amount_cents": amount,
            "sub_total_including_taxes_amount_cents": amount + tax,
            "total_amount_cents": amount + tax,
            "total_due_amount_cents": amount + tax,
            "created_at": created,
            "updated_at": created,
            "customer": self.customer(self.shape.customer_of(index), embedded=True),
            "applied_taxes": [
                {
                    **self._invoice["applied_taxes"][0],
                    "lago_invoice_id": lago_id,
                    "amount_cents": tax,
                    "fees_amount_cents": amount,
                }
            ],
        }
        if whole:
            document["fees"] = list(self._fees(index, lago_id))
        else:
            for name in _ONLY_IN_SINGLE:
                document.pop(name, None)
        return document

    def customer(self, index: int, *, embedded: bool = False) -> Json:
        """A customer as ``GET /customers`` shows it, or as it stands in an invoice."""
        customer = {
            **self._customer,
            "lago_id": customer_id(index),
            "external_id": customer_name(index),
            "name": f"Example {index + 1} Inc.",
            "sequential_id": index + 1,
        }
        if embedded:
            for name in ("taxes", "applicable_invoice_custom_sections", "error_details"):
                customer.pop(name, None)
        return customer

    def bare(self, index: int) -> Json:
        """An invoice in the form that Lago itself sends to a RESTlet, for the simulator's sample customer."""
        issued = self.shape.issued(index)
        lines, taxes = [], []
        all_units = list(self.units(index))
        tax_of = [_tax(units) for units in all_units]
        tax_of[-1] += _tax(sum(all_units)) - sum(tax_of)
        for position, units in enumerate(all_units):
            code, item = _METRICS[position % len(_METRICS)]
            reference = fee_id(index, position)
            lines.append(
                {
                    "item": item,
                    "quantity": f"{units}.0",
                    "rate": "0.01",
                    "amount": units / 100,
                    "taxdetailsreference": reference,
                    "custcol_service_period_date_from": _american(issued - timedelta(days=31)),
                    "custcol_service_period_date_to": _american(issued - timedelta(days=1)),
                    "description": code,
                    "item_source": code,
                }
            )
            taxes.append(
                {
                    "taxdetailsreference": reference,
                    "taxamount": tax_of[position] / 100,
                    "taxbasis": 1,
                    "taxrate": _RATE_PERCENT,
                    **_TAX,
                }
            )
        return {
            "type": "invoice",
            "isDynamic": True,
            "columns": {
                "tranid": invoice_number(index),
                "entity": SAMPLE_CUSTOMER_ID,
                "currency": "1",
                "trandate": _american(issued),
                "duedate": _american(issued + timedelta(days=30)),
                "taxdetailsoverride": True,
                "taxregoverride": True,
                "nexus": _NEXUS,
                "custbody_lago_id": invoice_id(index),
            },
            "lines": [{"sublistId": "item", "lineItems": lines}],
            "taxdetails": [{"sublistId": "taxdetails", "lineItems": taxes}],
            "options": {"ignoreMandatoryFields": False},
        }

    def _fees(self, index: int, lago_id: str) -> Iterator[Json]:
        external_id = customer_name(self.shape.customer_of(index))
        for position, units in enumerate(self.units(index)):
            code = _METRICS[position % len(_METRICS)][0]
            tax = _tax(units)
            yield {
                **self._fee,
                "lago_id": fee_id(index, position),
                "lago_invoice_id": lago_id,
                "external_customer_id": external_id,
                "item": {**self._fee["item"], "code": code, "name": code, "invoice_display_name": code},
                "amount_cents": units,
                "precise_amount": f"{units / 100}",
                "precise_total_amount": f"{units * (100_000 + _RATE_PER_100_000) / 10_000_000:.7f}",
                "taxes_amount_cents": tax,
                "taxes_precise_amount": f"{units * _RATE_PER_100_000 / 10_000_000:.7f}",
                "total_amount_cents": units + tax,
                "units": f"{units}.0",
                "total_aggregated_units": f"{units}.0",
                "precise_unit_amount": "0.01",
                "sub_total_excluding_taxes_amount_cents": units,
                "sub_total_excluding_taxes_precise_amount_cents": f"{units}.0",
                "events_count": units,
            }


class UniformLago(LagoService):
    """Answers for invoices and customers of a shape; all else goes to the organization it was made over.

    Calls for lists of invoices are counted once more by their filters, with the pages that such a list has.
    """

    def __init__(self, rest: LagoService, shape: Shape, api_key: str) -> None:
        self._rest = rest
        self._documents = Documents(shape)
        self._shape = shape
        self._bearer = f"Bearer {api_key}"
        self.calls = 0
        self.requests: Counter[str] = Counter()

    async def perform(self, call: Call, fault: Fault | None) -> Answer:
        """Answer a call."""
        self.calls += 1
        parts = call.head.path.partition(_API)[2].split("/")
        self.requests["/".join([parts[0], *(["{id}"] if len(parts) > 1 else [])])] += 1
        if call.head.method != "GET" or parts[0] not in ("invoices", "customers") or len(parts) > 2:
            return await self._rest.perform(call, fault)
        if not hmac.compare_digest(
            call.head.headers.get("authorization", "").encode(), self._bearer.encode()
        ):
            return _answer(401, {"status": 401, "error": "Unauthorized"})
        if len(parts) == 2:
            return self._single(parts[0], unquote(parts[1]))
        query = parse_qs(call.head.query)
        return self._invoices(query) if parts[0] == "invoices" else self._customers(query)

    def _single(self, resource: str, name: str) -> Answer:
        if resource == "invoices":
            index = _index_of(name, _INVOICE_ID)
            if index is not None and index < self._shape.invoices:
                return _answer(200, {"invoice": self._documents.invoice(index, whole=True)})
        elif (number := name.removeprefix("cust_")).isdecimal() and int(number) < self._shape.customers:
            return _answer(200, {"customer": self._documents.customer(int(number))})
        code = f"{resource.removesuffix('s')}_not_found"
        return _answer(404, {"status": 404, "error": "Not Found", "code": code})

    def _customers(self, query: Mapping[str, list[str]]) -> Answer:
        return self._page("customers", query, range(self._shape.customers), self._documents.customer)

    def _invoices(self, query: Mapping[str, list[str]]) -> Answer:
        wanted = range(self._shape.invoices)
        for name, values in sorted(query.items()):
            kept = self._narrowed(wanted, name, values)
            if kept is None:
                return _answer(400, {"status": 400, "error": f"the benchmark knows no filter {name}"})
            wanted = kept
        asked = "&".join(
            f"{name}={','.join(values)}" for name, values in sorted(query.items()) if "page" not in name
        )
        size = int(query.get("per_page", ["100"])[0])
        self.requests[f"invoices?{asked or 'everything'} of {max(-(-len(wanted) // size), 1)} pages"] += 1
        return self._page(
            "invoices", query, wanted, lambda index: self._documents.invoice(index, whole=False)
        )

    def _narrowed(self, wanted: range, name: str, values: list[str]) -> range | None:
        """What is left of a list under a filter; None where the filter is not known."""
        shape, none = self._shape, range(0)
        match name.removesuffix("[]"):
            case "page" | "per_page":
                return wanted
            case "status" | "statuses":
                return wanted if "finalized" in values else none
            case "payment_status" | "payment_statuses":
                return wanted if "pending" in values else none
            case "issuing_date_from":
                return wanted[: shape.issued_before(date.fromisoformat(values[-1]))]
            case "issuing_date_to":
                newest = shape.issued_before(date.fromisoformat(values[-1]) + timedelta(days=1))
                return range(max(newest, wanted.start), max(newest, wanted.stop))
            case "external_customer_id" | "customer_external_id":
                own = shape.invoices_of(int(values[-1].removeprefix("cust_")))
                return range(max(own.start, wanted.start), max(min(own.stop, wanted.stop), own.start))
            case _:
                return None

    def _page(self, name: str, query: Mapping[str, list[str]], wanted: range, write: Any) -> Answer:
        number, size = (
            int(query.get(key, [default])[0]) for key, default in (("page", "1"), ("per_page", "100"))
        )
        pages = -(-len(wanted) // size)
        rows = wanted[(number - 1) * size : number * size]
        meta = {
            "current_page": number if pages else 0,
            "next_page": number + 1 if number < pages else None,
            "prev_page": number - 1 if pages and number > 1 else None,
            "total_pages": pages,
            "total_count": len(wanted),
        }
        return _answer(200, {name: [write(index) for index in rows], "meta": meta})


def invoice_id(index: int) -> str:
    """Lago's id of an invoice."""
    return f"{index:08x}{_INVOICE_ID}"


def invoice_number(index: int) -> str:
    """What people call it."""
    return f"BEN-{index + 1:07d}"


def customer_id(index: int) -> str:
    """Lago's id of a customer."""
    return f"{index:08x}{_CUSTOMER_ID}"


def customer_name(index: int) -> str:
    """The operator's own id of a customer."""
    return f"cust_{index}"


def fee_id(index: int, position: int) -> str:
    """Lago's id of a fee."""
    return f"{index:08x}-0000-4000-8000-{position:012x}"


def _index_of(identifier: str, tail: str) -> int | None:
    if not identifier.endswith(tail):
        return None
    try:
        return int(identifier.removesuffix(tail), 16)
    except ValueError:
        return None


def _tax(cents: int) -> int:
    """8.875 percent, a half rounded up."""
    return (cents * _RATE_PER_100_000 + 50_000) // 100_000 if cents else 0


def _american(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _clock_time(index: int) -> str:
    """A time of day; in the list's order, later ones come first."""
    seconds = 80_000 - index % 80_000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _answer(status: int, body: object) -> Answer:
    return Answer(status, msgspec.json.encode(body), _JSON)


def _templates() -> tuple[Json, Json, Json]:
    """An invoice, one of its usage fees and its customer, as the simulator's generator writes them."""
    generator = Generator(seed=1, invoices=400, customers=1)
    for slot in range(400):
        invoice = generator.document(Place(Kind.INVOICE, 0, slot, 0))
        usage = [
            fee for fee in invoice["fees"] if fee["item"]["type"] == "charge" and not fee["item"]["filters"]
        ]
        if _is_plain(invoice) and usage:
            customer = generator.document(Place(Kind.CUSTOMER, 0, 0, 0))
            return invoice, usage[0], {**customer, "metadata": []}
    raise AssertionError("the generator has no plain invoice")


def _is_plain(invoice: Json) -> bool:
    deductions = ("coupons", "prepaid_credit", "credit_notes", "progressive_billing_credit")
    return (
        (invoice["status"], invoice["payment_status"], invoice["currency"]) == ("finalized", "pending", "USD")
        and [tax["tax_code"] for tax in invoice["applied_taxes"]] == ["us_nyc"]
        and not any(invoice[f"{name}_amount_cents"] for name in deductions)
        and invoice["total_offsetted_credit_note_amount_cents"] == 0
    )


def today() -> date:
    """The day on which a server starts."""
    return datetime.now(UTC).date()
