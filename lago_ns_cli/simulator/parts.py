"""What a simulated world consists of, put together once and shared by its applications."""

from dataclasses import dataclass

from lago_ns_cli.simulator.clock import Clock
from lago_ns_cli.simulator.credentials import SimulatorCredentials
from lago_ns_cli.simulator.exchange import BackgroundWork
from lago_ns_cli.simulator.faults import Faults
from lago_ns_cli.simulator.lago.app import create_lago_app
from lago_ns_cli.simulator.lago.organization import Organization
from lago_ns_cli.simulator.lago_service import LagoService
from lago_ns_cli.simulator.netsuite.access import tba_verifier
from lago_ns_cli.simulator.netsuite.concurrency import ConcurrencyGate
from lago_ns_cli.simulator.netsuite.disturbances import ContestedAccount, Disturbances
from lago_ns_cli.simulator.netsuite.http import RestletService
from lago_ns_cli.simulator.netsuite.login_desk import LoginDesk
from lago_ns_cli.simulator.netsuite.oauth2 import TokenService
from lago_ns_cli.simulator.netsuite.other_program import OtherProgram
from lago_ns_cli.simulator.netsuite.people import People
from lago_ns_cli.simulator.netsuite.script_host import ScriptHost
from lago_ns_cli.simulator.options import WorldOptions


@dataclass(frozen=True)
class Parts:
    """The pieces of a running world, for the applications and the control endpoints."""

    account: ContestedAccount
    organization: Organization
    credentials: SimulatorCredentials
    people: People
    faults: Faults
    desk: LoginDesk
    tokens: TokenService
    restlet: RestletService
    script: ScriptHost
    others: OtherProgram
    lago: LagoService
    work: BackgroundWork


def build_parts(options: WorldOptions, clock: Clock, credentials: SimulatorCredentials) -> Parts:
    """Put a world together."""
    account = ContestedAccount(
        tax_regime=options.tax_regime, now=clock.now, state=options.state, switches=options.switches
    )
    organization = Organization(
        seed=options.seed, invoices=options.invoices, customers=options.customers, now=clock.now
    )
    faults = Faults(options.faults)
    tokens = TokenService(client_id=credentials.client_id, secret=credentials.bearer_secret)
    desk = LoginDesk(account, tba_verifier(credentials), tokens, clock)
    people = People(account)
    script = ScriptHost(account, now=clock.now, cost_ms_per_record=options.cost_ms_per_record)
    gate = ConcurrencyGate(options.concurrency_limit)
    restlet = RestletService(
        host=script,
        setup=account.setup,
        desk=desk,
        gate=gate,
        disturbances=Disturbances(account, people, faults, clock),
        clock=clock,
        latency_ms=options.latency_ms,
    )
    return Parts(
        account=account,
        organization=organization,
        credentials=credentials,
        people=people,
        faults=faults,
        desk=desk,
        tokens=tokens,
        restlet=restlet,
        script=script,
        others=OtherProgram(gate, clock, options.seed),
        lago=LagoService(create_lago_app(organization, api_key=credentials.lago_api_key)),
        work=BackgroundWork(),
    )
