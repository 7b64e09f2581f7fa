"""Throwaway credentials of a simulated world.

They follow from the seed, so a restarted simulator accepts what its last run handed out. Each begins
with ``sim-``: nobody can mistake one for a secret, and no real service accepts one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class TbaCredentials:
    """A consumer and a token of token-based authentication; the token stands for a user in a role."""

    consumer_key: str
    consumer_secret: str
    token_id: str
    token_secret: str

    def environment(self) -> Mapping[str, str]:
        """Name each value as the environment variable that carries it."""
        return {
            "LAGO_NS_NETSUITE__CONSUMER_KEY": self.consumer_key,
            "LAGO_NS_NETSUITE__CONSUMER_SECRET": self.consumer_secret,
            "LAGO_NS_NETSUITE__TOKEN_ID": self.token_id,
            "LAGO_NS_NETSUITE__TOKEN_SECRET": self.token_secret,
        }


@dataclass(frozen=True)
class SimulatorCredentials:
    """Everything a caller may log in with.

    Attributes:
        tba: The role that can do all the RESTlet needs.
        tba_limited: Same integration, a role that lacks permissions.
        client_id: The OAuth 2.0 integration; its certificates are registered through the control endpoints.
        bearer_secret: Signs the access tokens the simulator hands out.
    """

    lago_api_key: str
    control_token: str
    tba: TbaCredentials
    tba_limited: TbaCredentials
    client_id: str
    bearer_secret: str

    def environment(self) -> Mapping[str, str]:
        """Name the values that ``lago-ns`` reads from the environment."""
        return {"LAGO_NS_LAGO__API_KEY": self.lago_api_key, **self.tba.environment()}


def derive_credentials(seed: int) -> SimulatorCredentials:
    """Make the credentials that belong to a seed."""

    def secret(name: str) -> str:
        digest = hashlib.sha256(f"lago-ns simulator {seed} {name}".encode()).hexdigest()
        return f"sim-{digest[:40]}"

    def tba(name: str) -> TbaCredentials:
        return TbaCredentials(
            consumer_key=secret("consumer key"),
            consumer_secret=secret("consumer secret"),
            token_id=secret(f"{name} token"),
            token_secret=secret(f"{name} token secret"),
        )

    return SimulatorCredentials(
        lago_api_key=secret("lago api key"),
        control_token=secret("control token"),
        tba=tba("full"),
        tba_limited=tba("limited"),
        client_id=secret("oauth2 client"),
        bearer_secret=secret("bearer secret"),
    )
