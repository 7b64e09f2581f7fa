"""What translating and planning an invoice costs, against reading its JSON.

All in one process and in turn, so that a busy machine slows both: ``json.loads`` of the bytes that Lago sent,
the decision about the invoice (translation, fingerprint, size), and the strict reading that comes before it.
"""

import asyncio
import gc
import json
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from time import process_time

import httpx
import msgspec

from benchmarks.figures import Figure, Scale
from benchmarks.organization import Documents, Shape
from lago_ns_cli.domain.catalog import AccountProfile, Catalog, account_profile
from lago_ns_cli.domain.identifiers import InternalId, Kind, LagoId, key_of
from lago_ns_cli.domain.translation.context import Context
from lago_ns_cli.lago.schemas import read_invoice
from lago_ns_cli.mapping_file import load_mappings
from lago_ns_cli.netsuite.auth import TbaAuth, TbaCredentials
from lago_ns_cli.netsuite.client import NetSuiteClient
from lago_ns_cli.simulator.app import Simulator, create_simulator
from lago_ns_cli.simulator.options import WorldOptions
from lago_ns_cli.simulator.world import ACCOUNT_ID, DEPLOYMENT_ID, SCRIPT_ID
from lago_ns_cli.simulator.write_config import ConfigTarget, write_config
from lago_ns_cli.workflows.deciding import Rules, decide_invoice

_URL = "http://127.0.0.1:8321"
_GOAL = 6.0
_FEES = 10


def measure(scale: Scale) -> Sequence[Figure]:
    """CPU time of translate and plan ÷ ``json.loads`` of the same bytes, for an invoice of ten fees."""
    rounds, times = scale.of(40, 20, 2), scale.of(50, 50, 2)
    raw = msgspec.json.encode(Documents(Shape(1, 1, date(2026, 10, 31), fees=_FEES)).invoice(0, whole=True))
    received = read_invoice(raw)
    context, rules = _context(received.document.customer.lago_id), Rules()
    # The simulator that the account came from is no part of what is measured, nor its garbage.
    gc.collect()
    gc.freeze()
    loads, decide, read = _in_turn(
        [
            lambda: json.loads(raw),
            lambda: decide_invoice(received, {}, context, rules),
            lambda: read_invoice(raw),
        ],
        rounds,
        times,
    )
    told = f"json.loads {loads * 1e6:.0f} µs, translate + plan {decide * 1e6:.0f} µs, strict reading {read * 1e6:.0f} µs"
    bound = f"{told}, {len(raw):,} bytes"
    return [
        Figure(f"translate + plan, {_FEES} fees ÷ json.loads", decide / loads, _GOAL, "at most", bound=bound),
        Figure(f"strict reading, {_FEES} fees ÷ json.loads", read / loads, bound=told),
    ]


def _in_turn(works: Sequence[Callable[[], object]], rounds: int, times: int) -> list[float]:
    """CPU seconds of each work, the median of many rounds in which all of them take turns."""
    seconds: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, found in zip(works, seconds, strict=True):
            started = process_time()
            for _ in range(times):
                work()
            found.append((process_time() - started) / times)
    return [median(found) for found in seconds]


def _context(customer: LagoId) -> Context:
    """What a run over the simulator's account knows, its customer being posted."""
    with tempfile.TemporaryDirectory() as folder:
        simulator = create_simulator(WorldOptions(invoices=0, customers=1))
        try:
            write_config(Path(folder), ConfigTarget(_URL, "suitetax", simulator.credentials))
            mappings = load_mappings(Path(folder) / "mappings.toml")
            account = asyncio.run(_account(simulator))
        finally:
            simulator.close()
    links = {key_of(Kind.CUSTOMER, customer): InternalId("98765")}
    return Context(mappings=mappings, account=account, links=links)


async def _account(simulator: Simulator) -> AccountProfile:
    tba = simulator.credentials.tba
    client = NetSuiteClient(
        ACCOUNT_ID,
        TbaAuth(
            ACCOUNT_ID,
            TbaCredentials(tba.consumer_key, tba.consumer_secret, tba.token_id, tba.token_secret),
            clock=lambda: datetime.now(UTC).timestamp(),
        ),
        script=SCRIPT_ID,
        deploy=DEPLOYMENT_ID,
        base_url=_URL,
        transport=httpx.ASGITransport(app=simulator),
    )
    try:
        ping = await client.ping()
        sections = {name: (await client.describe_section(name))[0] for name in ("currencies", "items")}
    finally:
        await client.aclose()
    return account_profile(
        Catalog(
            side="netsuite",
            fetched_at=datetime.now(UTC),
            sections=sections,
            features=ping.features,
            unavailable={},
        )
    )


if __name__ == "__main__":
    for figure in measure(Scale()):
        print(f"{figure.name}: {figure.measured:.2f} ({figure.bound})")
