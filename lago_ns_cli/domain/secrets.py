"""The names of secrets. Their values never stand in a file, a message or the ledger."""

from enum import StrEnum


class SecretName(StrEnum):
    """A secret, as ``<system>.<name>``."""

    LAGO_API_KEY = "lago.api_key"
    CONSUMER_KEY = "netsuite.consumer_key"
    CONSUMER_SECRET = "netsuite.consumer_secret"  # noqa: S105 - a name
    TOKEN_ID = "netsuite.token_id"  # noqa: S105 - a name
    TOKEN_SECRET = "netsuite.token_secret"  # noqa: S105 - a name
    CLIENT_ID = "netsuite.client_id"
    CERTIFICATE_ID = "netsuite.certificate_id"
    PRIVATE_KEY = "netsuite.private_key"
    ANNOUNCE_SECRET = "announce.secret"  # noqa: S105 - a name

    @property
    def variable(self) -> str:
        """Name the environment variable that may carry it: ``LAGO_NS_LAGO__API_KEY``."""
        return "LAGO_NS_" + self.value.upper().replace(".", "__")


"""Some of these are identifiers rather than secrets; they are kept with their secret, as one login."""
