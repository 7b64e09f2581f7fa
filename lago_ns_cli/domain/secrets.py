"""The names of secrets. Their values never stand in a file, a message or the ledger."""

from enum import StrEnum


class SecretName(StrEnum):
    """A secret, as ``<system>.<name>``.

    Some are identifiers rather than secrets, and the certificate is public; they are kept with
    their secret, as one login.
    """

    LAGO_API_KEY = "lago.api_key"
    CONSUMER_KEY = "netsuite.consumer_key"
    CONSUMER_SECRET = "netsuite.consumer_secret"  # noqa: S105 - a name
    TOKEN_ID = "netsuite.token_id"  # noqa: S105 - a name
    TOKEN_SECRET = "netsuite.token_secret"  # noqa: S105 - a name
    CLIENT_ID = "netsuite.client_id"
    CERTIFICATE_ID = "netsuite.certificate_id"
    PRIVATE_KEY = "netsuite.private_key"
    CERTIFICATE = "netsuite.certificate"
    ANNOUNCE_SECRET = "announce.secret"  # noqa: S105 - a name

    @property
    def variable(self) -> str:
        """Name the environment variable that may carry it: ``LAGO_NS_LAGO__API_KEY``."""
        return "LAGO_NS_" + self.value.upper().replace(".", "__")

    def variable_of(self, profile: str) -> str:
        """Name the variable that carries it for one profile alone: ``LAGO_NS_PROFILES__EU__LAGO__API_KEY``."""
        return profile_prefix(profile) + self.value.upper().replace(".", "__")


PROFILES_PREFIX = "LAGO_NS_PROFILES__"


def profile_prefix(profile: str) -> str:
    """Give what the variables of one profile begin with; other signs than letters and digits become ``_``."""
    return PROFILES_PREFIX + "".join(sign if sign.isalnum() else "_" for sign in profile.upper()) + "__"


def is_secret_variable(name: str) -> bool:
    """Tell whether a variable carries a secret, of any profile."""
    return any(
        name == secret.variable
        or (name.startswith(PROFILES_PREFIX) and name.endswith(secret.variable.removeprefix("LAGO_NS")))
        for secret in SecretName
    )


TBA_LOGIN = (
    SecretName.CONSUMER_KEY,
    SecretName.CONSUMER_SECRET,
    SecretName.TOKEN_ID,
    SecretName.TOKEN_SECRET,
)

M2M_LOGIN = (SecretName.CLIENT_ID, SecretName.CERTIFICATE_ID, SecretName.PRIVATE_KEY)
"""Without the certificate: it tells when the login expires, and nothing fails without it."""


def netsuite_login(auth: str) -> tuple[SecretName, ...]:
    """List what a login to NetSuite consists of; ``auth`` as in ``[netsuite]``."""
    return TBA_LOGIN if auth == "tba" else M2M_LOGIN
