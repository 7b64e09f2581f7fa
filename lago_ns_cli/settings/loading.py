"""Finding and reading the settings: defaults < file < profile's table in it < environment."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from platformdirs import user_config_path

from lago_ns_cli.errors import ConfigError
from lago_ns_cli.private_files import writable_by_others
from lago_ns_cli.settings.models import Settings, setting_keys
from lago_ns_cli.settings.sources import (
    Layer,
    Setting,
    Source,
    file_layer,
    secret_problems,
    variable_layer,
)
from lago_ns_cli.toml_lines import TomlDocument, load_toml

DEFAULT_PROFILE = "default"

_NO_FILE_HINT = "run `lago-ns init`, or `lago-ns demo` to look around first"


@dataclass(frozen=True, slots=True)
class Origin:
    """An effective setting and where it comes from.

    Args:
        key: The dotted name: ``sync.kinds.invoice``.
        where: ``default``, ``file:line`` or the variable's name.
        shadowed: What lost against it, from the strongest to the weakest; defaults not counted.
    """

    key: str
    value: object
    source: Source
    where: str
    shadowed: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The effective settings of one profile.

    Args:
        path: The file; None where the environment alone says what is to be done.
        profiles: The profiles that the file names.
        origins: Every setting, in the order of the models.
        warnings: What is risky, one sentence each.
    """

    settings: Settings
    path: Path | None
    profile: str
    profiles: tuple[str, ...]
    origins: tuple[Origin, ...]
    warnings: tuple[str, ...] = ()

    @property
    def account(self) -> str:
        """Give the NetSuite account.

        Raises:
            ConfigError: None is set.
        """
        if self.settings.netsuite.account is None:
            raise ConfigError(
                f"Profile {self.profile} names no NetSuite account.",
                hint=f'add account = "1234567" under [netsuite] in {self.path or "lago-ns.toml"}, '
                "or set LAGO_NS_NETSUITE__ACCOUNT",
                code="account_absent",
            )
        return self.settings.netsuite.account


def load_settings(path: Path | None, profile: str | None, environ: Mapping[str, str]) -> LoadedSettings:
    """Read the effective settings.

    Args:
        path: What ``--config`` says; else ``LAGO_NS_CONFIG``, ``./lago-ns.toml``, then
            ``config.toml`` in the user's configuration folder.
        profile: What ``--profile`` says; else ``LAGO_NS_PROFILE``, then ``default``.
        environ: The environment.

    Raises:
        ConfigError: No settings are found, or some are wrong; ``problems`` lists each with its
            place. A secret in the file is a problem too.
    """
    profile = profile or environ.get("LAGO_NS_PROFILE") or DEFAULT_PROFILE
    found = find_settings_file(path, environ)
    variables = variable_layer(environ)
    if found is None:
        if not variables.settings and not variables.problems:
            raise ConfigError("There is no configuration yet.", hint=_NO_FILE_HINT, code="config_absent")
        _raise_problems(variables.problems, None)
        return _loaded([variables], None, profile, ())
    document = load_toml(found, hint=_NO_FILE_HINT)
    profiles, layers = _file_layers(document, profile)
    layers = [variables, *layers]
    problems = [*secret_problems(document), *(problem for layer in layers for problem in layer.problems)]
    _raise_problems(problems, found)
    return _loaded(layers, found, profile, profiles)


def profile_names(path: Path | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    """List the profiles that the settings name; the default one where the file says something of it.

    Args:
        path: What ``--config`` says.
        environ: The environment.

    Raises:
        ConfigError: No settings are found, or the file cannot be read.
    """
    found = find_settings_file(path, environ)
    if found is None:
        if not variable_layer(environ).settings:
            raise ConfigError("There is no configuration yet.", hint=_NO_FILE_HINT, code="config_absent")
        return (DEFAULT_PROFILE,)
    data = load_toml(found, hint=_NO_FILE_HINT).data
    tables = data.get("profiles")
    named = tuple(str(name) for name in tables) if isinstance(tables, Mapping) else ()
    # What stands above all profiles may be no more than what they share.
    netsuite = data.get("netsuite")
    own = isinstance(netsuite, Mapping) and "account" in netsuite
    default = (DEFAULT_PROFILE,) if own or not named else ()
    return (*default, *(name for name in named if name not in default))


def find_settings_file(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Find the file that settings are read from; one that is named need not exist.

    Returns:
        None where no file is named and none is there.
    """
    named = path or (Path(environ["LAGO_NS_CONFIG"]) if environ.get("LAGO_NS_CONFIG") else None)
    if named is not None:
        return named.expanduser().absolute()
    here = Path("lago-ns.toml").absolute()
    user = user_config_path("lago-ns", appauthor=False) / "config.toml"
    return next((place for place in (here, user) if place.exists()), None)


def _file_layers(document: TomlDocument, profile: str) -> tuple[tuple[str, ...], list[Layer]]:
    """Read the profile's table and the rest of the file, the stronger first."""
    top = file_layer(document)
    tables = document.data.get("profiles", {})
    if not isinstance(tables, Mapping):
        problem = f"{document.place(('profiles',))}: profiles must be tables, such as [profiles.sandbox]"
        return (), [top, Layer("file", {}, (problem,))]
    names = tuple(cast("Mapping[str, object]", tables))
    if profile in names:
        return names, [file_layer(document, ("profiles", profile)), top]
    if profile != DEFAULT_PROFILE:
        raise _unknown_profile(document, profile, names)
    return names, [top]


def _unknown_profile(document: TomlDocument, profile: str, names: Sequence[str]) -> ConfigError:
    close = difflib.get_close_matches(profile, names, n=1)
    known = f"did you mean {close[0]}?" if close else f"it has: {', '.join(names) or 'none'}"
    return ConfigError(
        f"{document.path} has no profile {profile}; {known}",
        hint=f"add a table [profiles.{profile}], or name another --profile",
        code="profile_unknown",
    )


def _raise_problems(problems: Sequence[str], path: Path | None) -> None:
    if not problems:
        return
    count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
    raise ConfigError(
        f"{path or 'The environment'} has {count}.",
        hint="config.example.toml shows every setting; `lago-ns config show` what is in force",
        problems=sorted(problems, key=_line),
        code="config_problems",
    )


def _line(problem: str) -> int:
    found = re.search(r":(\d+): ", problem)
    return int(found[1]) if found else 0


def _loaded(
    layers: Sequence[Layer], path: Path | None, profile: str, profiles: tuple[str, ...]
) -> LoadedSettings:
    settings = _resolved(_effective(layers), path.parent if path else Path.cwd())
    return LoadedSettings(
        settings=settings,
        path=path,
        profile=profile,
        profiles=profiles,
        origins=tuple(_origin(key, settings, layers) for key in setting_keys()),
        warnings=_warnings(path),
    )


def _effective(layers: Sequence[Layer]) -> Settings:
    """Let pydantic-settings put the layers over each other and over the defaults."""
    sources: dict[str, Any] = {"sources": [layer.tables() for layer in layers]}
    return Settings(**sources)


def _resolved(settings: Settings, folder: Path) -> Settings:
    """Make relative paths absolute, from the folder of the file."""
    url = settings.ledger.url
    file = url.removeprefix("sqlite:///")
    if file not in (url, ":memory:", ""):
        url = f"sqlite:///{folder / Path(file).expanduser()}"
    return settings.model_copy(
        update={
            "mappings": folder / settings.mappings.expanduser(),
            "ledger": settings.ledger.model_copy(update={"url": url}),
        }
    )


def _origin(key: str, settings: Settings, layers: Sequence[Layer]) -> Origin:
    value: object = settings
    for part in key.split("."):
        value = getattr(value, part)
    said = [(layer.source, layer.settings[key]) for layer in layers if key in layer.settings]
    if not said:
        return Origin(key, value, "default", "default")
    (source, winner), *others = said
    return Origin(key, value, source, winner.where, tuple(setting for _, setting in others))


def _warnings(path: Path | None) -> tuple[str, ...]:
    if path is None or not writable_by_others(path):
        return ()
    return (f"{path} can be changed by other users of this machine; run: chmod go-w {path}",)
