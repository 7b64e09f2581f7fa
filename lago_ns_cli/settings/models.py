"""Every setting with its default. ``config.example.toml`` explains them; a test holds the two together.

``SettingsTable`` is what one source may say, checked on its own so that a problem has its place;
``Settings`` is what is in force, put together by pydantic-settings from sources of ours.
"""

import re
import shlex
from collections.abc import Mapping
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from lago_ns_cli.domain.accounts import canonical_account

_ACCOUNT = re.compile(r"[A-Za-z0-9]+([_-][A-Za-z0-9]+)?")
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]+")


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("http", "https"):
        raise ValueError("must be a URL such as https://api.getlago.com")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password; secrets belong into the keyring")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError("must begin with https://; http:// is for this machine only (127.0.0.1)")
    return text


def _base_url(text: str) -> str:
    text = _url(text.strip()).rstrip("/")
    if urlsplit(text).query or urlsplit(text).fragment or text.endswith("/api/v1"):
        raise ValueError("must be the address alone, without /api/v1, query or fragment")
    return text


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _account(text: str) -> str:
    if not _ACCOUNT.fullmatch(text.strip()):
        raise ValueError('must be an account id such as "1234567" or "1234567_SB1"')
    return canonical_account(text)


def _identifier(text: str) -> str:
    if not _IDENTIFIER.fullmatch(text):
        raise ValueError('must be an id such as "customscript_lago_service"')
    return text


def _concurrency(value: object) -> int | Literal["auto"]:
    if value == "auto":
        return "auto"
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST_CALLS:
        return value
    raise ValueError(f'must be "auto" or a whole number from 1 to {_MOST_CALLS}')


def _command(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = shlex.split(value)
        except ValueError:
            value = None
    if isinstance(value, list | tuple) and value and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise ValueError('must be a program and its arguments, such as ["/usr/local/bin/notify", "--quiet"]')


def _ledger_url(text: str) -> str:
    if not text.startswith("sqlite://"):
        raise ValueError("must be an SQLite file, such as sqlite:///ledger.db")
    return text


def _default_ledger_url() -> str:
    return f"sqlite:///{user_data_path('lago-ns', appauthor=False) / 'ledger.db'}"


_MOST_CALLS = 500

BaseUrl = Annotated[str, AfterValidator(_base_url)]
Count = Annotated[int, Field(ge=1)]


class Section(BaseModel):
    """A table of the file; text is not taken for numbers, and unknown keys are problems."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LagoSettings(Section):
    """``[lago]``."""

    base_url: BaseUrl = "https://api.getlago.com"


class NetSuiteSettings(Section):
    """``[netsuite]``; ``account`` is spelled as in logins, ``base_url`` is derived where None."""

    account: Annotated[str, AfterValidator(_account)] | None = None
    auth: Literal["oauth2", "tba"] = "oauth2"
    base_url: BaseUrl | None = None
    script: Annotated[str, AfterValidator(_identifier)] = "customscript_lago_service"
    deploy: Annotated[str, AfterValidator(_identifier)] = "customdeploy_lago_service"


class KindSettings(Section):
    """``[sync.kinds]``: which kinds of documents are carried over."""

    customer: bool = True
    invoice: bool = True
    credit_note: bool = True
    payment: bool = True


class SyncSettings(Section):
    """``[sync]``."""

    kinds: KindSettings = KindSettings()
    sync_from: Annotated[date, Field(strict=False)] | None = None
    lookback_days: Annotated[int, Field(ge=0)] = 35
    void_policy: Literal["hold", "reverse"] = "hold"
    closed_period_policy: Literal["hold", "next_open"] = "hold"
    extend_customers: bool = False
    entityid: Literal["auto", "external_id"] = "auto"


class WriteBackSettings(Section):
    """``[write_back]``: what Lago is told of NetSuite."""

    with_sync_all: bool = False
    sync_payments_back: bool = True
    metadata: bool = True


class PushSettings(Section):
    """``[push]``."""

    concurrency: Annotated[int | Literal["auto"], PlainValidator(_concurrency)] = "auto"
    leave_free: Annotated[int, Field(ge=0)] = 1
    batch: Count = 20
    quarantine_seconds: Annotated[int, Field(ge=0)] = 960
    timeout_seconds: Count = 330


class LedgerSettings(Section):
    """``[ledger]``."""

    url: Annotated[str, AfterValidator(_ledger_url)] = Field(default_factory=_default_ledger_url)


class AnnounceSettings(Section):
    """``[announce]``; both None: nothing is announced beyond log and exit code."""

    url: Annotated[str, AfterValidator(_url)] | None = None
    command: Annotated[tuple[str, ...] | None, PlainValidator(_command)] = None


class SettingsTable(Section):
    """Everything that may stand in the file, and in each ``[profiles.<name>]``."""

    mappings: Annotated[Path, Field(strict=False)] = Path("mappings.toml")
    lago: LagoSettings = LagoSettings()
    netsuite: NetSuiteSettings = NetSuiteSettings()
    sync: SyncSettings = SyncSettings()
    write_back: WriteBackSettings = WriteBackSettings()
    push: PushSettings = PushSettings()
    ledger: LedgerSettings = Field(default_factory=LedgerSettings)
    announce: AnnounceSettings = AnnounceSettings()


class Settings(SettingsTable, BaseSettings):
    """The settings in force.

    ``Settings(sources=[…])`` takes the sources, the strongest first; each states no more than was
    said there, so that the next one and last of all the defaults show through. The library's own
    sources are not asked: neither says where a value came from or which line is wrong.

    After loading, ``mappings`` and ``ledger.url`` are absolute.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, strict=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put our sources in place of the library's."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        given = init_settings().get("sources", ())
        return tuple(StatedSource(cls, values) for values in given)


class StatedSource(PydanticBaseSettingsSource):
    """A source whose values were read and checked before, as nested tables."""

    def __init__(self, settings_cls: type[BaseSettings], values: Mapping[str, object]) -> None:
        """Take what the source states."""
        super().__init__(settings_cls)
        self._values = values

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[object, str, bool]:
        """Give one setting or table; nothing is left to be parsed."""
        del field
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, object]:
        """Give everything that the source states."""
        return dict(self._values)


def setting_keys(model: type[BaseModel] = Settings, prefix: str = "") -> list[str]:
    """List every setting by its dotted name: ``sync.kinds.invoice``."""
    keys = []
    for name, field in model.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, Section):
            keys += setting_keys(section, f"{prefix}{name}.")
        else:
            keys.append(prefix + name)
    return keys
