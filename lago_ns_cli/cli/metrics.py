"""The status as metrics, for the textfile collector of a Prometheus node exporter."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lago_ns_cli.domain.attempts import SETTLED
from lago_ns_cli.domain.run_record import RunEnd
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.workflows.status import Status

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry


def write_metrics(path: Path, found: Status, profile: str, now: datetime) -> None:
    """Write a file that is there whole or not at all.

    Raises:
        ConfigError: The library is not installed, or the file cannot be written.
    """
    try:
        from prometheus_client import CollectorRegistry, write_to_textfile
    except ImportError as error:
        raise ConfigError(
            "Metrics need prometheus-client, which is not installed.",
            hint='pip install "lago-ns-cli[metrics]"',
        ) from error
    registry = CollectorRegistry()
    _documents(registry, found, profile, now)
    _last_run(registry, found, profile)
    try:
        write_to_textfile(str(path), registry)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}.", hint="Name another file."
        ) from error


def _documents(registry: "CollectorRegistry", found: Status, profile: str, now: datetime) -> None:
    from prometheus_client import Gauge

    names = ("profile", "kind", "state")
    documents = Gauge("lago_ns_documents", "Documents by kind and state.", names, registry=registry)
    oldest = Gauge(
        "lago_ns_oldest_seconds",
        "How long the oldest document rests in an open state.",
        names,
        registry=registry,
    )
    for count in found.counts:
        documents.labels(profile, count.kind, count.state.value).set(count.documents)
        if count.state not in SETTLED:
            oldest.labels(profile, count.kind, count.state.value).set((now - count.since).total_seconds())
    Gauge(
        "lago_ns_needs_attention", "Documents that are not settled.", ("profile",), registry=registry
    ).labels(profile).set(found.needs_attention)


def _last_run(registry: "CollectorRegistry", found: Status, profile: str) -> None:
    from prometheus_client import Gauge

    ended = next((run for run in found.runs if run.ended_at is not None), None)
    if ended is None or ended.ended_at is None:
        return
    figures = {
        "timestamp_seconds": ("When the last run ended.", ended.ended_at.timestamp()),
        "seconds": ("How long it took.", ended.seconds or 0.0),
        "complete": ("Whether it came to its end.", float(ended.ended is RunEnd.COMPLETE)),
        "documents": ("Documents that it looked at.", ended.documents),
        "writes": ("Documents that it wrote.", ended.writes),
        "calls": ("Calls to NetSuite.", ended.calls),
        "refused_calls": ("Calls that met the account's limit.", ended.refused),
        "calls_at_once": ("The most calls that were in flight.", ended.most_at_once),
        "units": ("Usage units.", ended.units),
    }
    if ended.limit is not None:
        figures["learned_limit"] = ("Calls that the account answers at once.", ended.limit)
    for name, (meaning, value) in figures.items():
        gauge = Gauge(f"lago_ns_last_run_{name}", meaning, ("profile",), registry=registry)
        gauge.labels(profile).set(value)
