"""``doctor --probe``: asked for first, and told as findings like every other check."""

import asyncio
import contextlib
import signal

from lago_ns_cli.cli.examining import Machine
from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.prompting import confirm, on_terminal, tell
from lago_ns_cli.cli.render import say
from lago_ns_cli.cli.wiring import hold, open_services
from lago_ns_cli.domain.diagnosis.findings import Finding
from lago_ns_cli.domain.diagnosis.probing import probe_findings
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.workflows.probe import probe_keys

_WHAT = (
    "Two customers and two invoices over nothing are written to the sandbox {account}, each pair under one key, and "
    "deleted again. The role needs the level Full on customers and invoices for as long as that takes."
)


def may_probe(options: Globals, *, yes: bool) -> bool:
    """Say what a probe does, and ask.

    Raises:
        ConfigError: Nobody can be asked.
    """
    if yes:
        return True
    if not on_terminal():
        raise ConfigError("A probe writes trial records, and nobody can be asked here.", hint="Add --yes.")
    tell(_WHAT.format(account=Machine(options).setup().account or "of this profile"))
    return confirm("Go on?", default=False)


def probe(options: Globals) -> list[Finding]:
    """Prove whether repeated keys are refused, and take the trial records away, also on Ctrl-C and SIGTERM.

    Raises:
        LagoNsError: The probe could not be made; nothing was.
    """
    return asyncio.run(_interruptible(options))


async def _interruptible(options: Globals) -> list[Finding]:
    task = asyncio.current_task()
    assert task is not None

    def end() -> None:
        say("stopping: the trial records are taken away first (again: stop at once)")
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)
        task.cancel()

    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C cancels the task by itself
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end)
    try:
        return await _probe(options)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _probe(options: Globals) -> list[Finding]:
    async with open_services(options, lago=False, netsuite=False, needs_mappings=True) as services:
        await hold(services)
        client = Machine(options).netsuite()
        try:
            probed = await probe_keys(client, services.ledger, services.clock, services.mappings)
        finally:
            await client.aclose()
    return probe_findings(probed.account, refused=probed.refused, why=probed.why, left=probed.left)
