"""What a person types to use a running simulator: the answers to the questions of ``lago-ns init``."""

from lago_ns_cli.simulator.credentials import SimulatorCredentials
from lago_ns_cli.simulator.world import ACCOUNT_ID, DEPLOYMENT_ID, SCRIPT_ID


def introduction(url: str, credentials: SimulatorCredentials) -> str:
    """Tell the answers, a line each; the credentials open nothing but a simulator."""
    tba = credentials.tba
    rows = [
        ("Lago's address", url),
        ("Lago API key", credentials.lago_api_key),
        ("NetSuite account", ACCOUNT_ID),
        ("NetSuite's address", url),
        ("Script, deployment", f"{SCRIPT_ID}, {DEPLOYMENT_ID}"),
        ("Token-based login:", ""),
        ("  Consumer key", tba.consumer_key),
        ("  Consumer secret", tba.consumer_secret),
        ("  Token id", tba.token_id),
        ("  Token secret", tba.token_secret),
        ("OAuth 2.0 login:", ""),
        ("  Client id", credentials.client_id),
        ("  Certificate id", f"POST it, and get its id: {url}/_simulator/netsuite/certificates"),
        ("Control token", credentials.control_token),
    ]
    lines = [f"  {name:<20}{value}".rstrip() for name, value in rows]
    return "\n".join(["What `lago-ns init` asks for, for this simulator:", *lines])
