"""The key pair and the self-signed certificate of an OAuth 2.0 machine-to-machine login.

NetSuite trusts a certificate because an administrator uploads it, not for who signed it.
Source: Oracle's help ``section_162686838198``: RSA of 3072 or 4096 bits or EC P-256, P-384, P-521, valid for two
years at most.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from lago_ns_cli.errors import CredentialError
from lago_ns_cli.redaction import Secret

LIFETIME = timedelta(days=730)
"""NetSuite cuts off what is longer than two years."""

_SLOW_CLOCKS = timedelta(minutes=5)
_RSA_BITS = 3072
_LONGEST_NAME = 64  # characters of a common name (RFC 5280)


class KeyKind(StrEnum):
    """Kinds of keys that are made."""

    EC = "ec"  # P-256
    RSA = "rsa"  # 3072 bits


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key, and the certificate to upload.

    Args:
        private_key: PEM (PKCS 8), unencrypted.
        certificate: PEM.
    """

    private_key: Secret
    certificate: str


def make_key_pair(name: str, kind: KeyKind, now: datetime) -> KeyPair:
    """Make a key and a certificate over it that is valid for two years.

    Args:
        name: Shown as the certificate's subject; tells an administrator whose it is.
        now: In UTC.
    """
    key = (
        ec.generate_private_key(ec.SECP256R1())
        if kind is KeyKind.EC
        else rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:_LONGEST_NAME])])
    starts = now - _SLOW_CLOCKS
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(starts + LIFETIME)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return KeyPair(Secret(pem.decode()), certificate.public_bytes(Encoding.PEM).decode())


def expiry_of(certificate: str) -> datetime:
    """Tell until when a certificate in PEM is valid, in UTC.

    Raises:
        CredentialError: It is no certificate.
    """
    return _read(certificate).not_valid_after_utc


def belongs_together(private_key: str, certificate: str) -> bool:
    """Tell whether a certificate is one over a private key.

    Raises:
        CredentialError: One of them cannot be read.
    """
    try:
        key = load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError, UnicodeEncodeError):
        raise CredentialError(  # the cause could quote the key
            "netsuite.private_key is not an unencrypted private key in PEM.",
            hint="Make a new one with `lago-ns auth login netsuite --new-certificate`.",
        ) from None
    return key.public_key() == _read(certificate).public_key()


def _read(certificate: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(certificate.encode())
    except ValueError as error:
        raise CredentialError(
            "The certificate kept beside the private key cannot be read.",
            hint="Make a new one with `lago-ns auth rotate netsuite`.",
        ) from error
