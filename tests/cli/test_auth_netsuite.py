"""``lago-ns auth`` for NetSuite: certificates, tokens, exchanging and removing them."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.cli.conftest import Place
from tests.cli.keyrings import MemoryKeyring
from tests.cli.terminal import Result, no_traceback

ACCOUNT = "1234567_SB1"


@pytest.fixture
def bare(place: Place) -> Place:
    """A place without any secret in a variable, with a keyring that works."""
    place.environment = {"PYTHON_KEYRING_BACKEND": "tests.cli.keyrings.MemoryKeyring"}
    return place


@pytest.fixture
def oauth2(bare: Place) -> Place:
    """The same, logging in with a certificate."""
    bare.environment["LAGO_NS_NETSUITE__AUTH"] = "oauth2"
    return bare


def tokens(place: Place, **changed: str) -> bytes:
    """The simulator's token login as lines."""
    tba = place.server.credentials.tba
    lines = {
        "consumer_key": tba.consumer_key,
        "consumer_secret": tba.consumer_secret,
        "token_id": tba.token_id,
        "token_secret": tba.token_secret,
        **changed,
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items()).encode()


def stored(name: str, profile: str = "default") -> str | None:
    """What the keyring holds under a name of the account."""
    return next(
        (
            value
            for (service, entry), value in MemoryKeyring.secrets.items()
            if service == "lago-ns" and entry.startswith(f"{profile}/") and entry.endswith(f"/{name}")
        ),
        None,
    )


def register(place: Place, certificate: str) -> bytes:
    """Do what an administrator does with a certificate; gives the ids as lines."""
    ids = place.control("netsuite/certificates", {"certificate": certificate})
    return f"client_id={ids['client_id']}\ncertificate_id={ids['certificate_id']}\n".encode()


def made(place: Place, *options: str) -> Result:
    """Let a certificate be made."""
    return place.run("auth", "login", "netsuite", *options)


def logged_in(place: Place) -> str:
    """Log in with a certificate; gives the certificate."""
    certificate = made(place).out
    ended = place.run("auth", "login", "netsuite", "--secrets-from", "-", stdin=register(place, certificate))
    assert 0 == ended.code, ended.err
    return certificate


def test_a_certificate_is_made_uploaded_and_used(oauth2: Place) -> None:
    """Two calls: the first makes it, the second, with NetSuite's ids, proves it and keeps the login."""
    first = made(oauth2)
    waiting = oauth2.run("auth", "status", "--json")
    second = oauth2.run("auth", "login", "netsuite", "--secrets-from", "-", stdin=register(oauth2, first.out))
    fetched = oauth2.run("fetch-catalog", "--side", "netsuite")

    assert (0, 0, 0) == (first.code, second.code, fetched.code)
    assert "OAuth 2.0 Client Credentials (M2M) Setup" in first.err
    assert "next: upload it, then: lago-ns auth login netsuite --secrets-from -" in first.err
    assert "NetSuite knows the login: account" in second.err
    assert True is waiting.events[-1]["certificate_waits"]
    assert stored("pending") is None
    assert "PRIVATE KEY" not in first.out + first.err + second.out + second.err


@pytest.mark.parametrize(
    ("options", "size"),
    [((), 256), (("--key-type", "rsa"), 3072)],
    ids=["ec", "rsa"],
)
def test_the_certificate_is_one_that_netsuite_takes(
    oauth2: Place, tmp_path: Path, options: tuple[str, ...], size: int
) -> None:
    """P-256 or RSA of 3072 bits, for two years and not longer; printed, and written where asked."""
    path = tmp_path / "upload.pem"

    result = made(oauth2, "--certificate-file", str(path), *options)

    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    key = certificate.public_key()
    assert path.read_text("utf-8") == result.out
    assert isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
    assert size == key.key_size
    assert 730 == (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days
    assert 725 < (certificate.not_valid_after_utc - datetime.now(UTC)).days <= 730


def test_an_interrupted_login_goes_on_with_the_same_certificate(oauth2: Place) -> None:
    """What was uploaded meanwhile stays of use; another one is made only on request."""
    first, again = made(oauth2), made(oauth2)
    another = made(oauth2, "--new-certificate")

    assert first.out == again.out
    assert another.out != first.out


def test_ids_that_netsuite_refuses_are_not_kept(oauth2: Place) -> None:
    """The key waits on, and nothing looks like a login."""
    certificate = made(oauth2).out
    wrong = oauth2.run(
        "auth",
        "login",
        "netsuite",
        "--secrets-from",
        "-",
        stdin=b"client_id=nobody\ncertificate_id=no-such-id\n",
    )

    assert 3 == wrong.code
    assert "hint: " in wrong.err
    assert stored("certificate_id") is None
    assert made(oauth2).out == certificate


def test_status_tells_when_the_certificate_expires(oauth2: Place) -> None:
    """And how old the login is; never the secret, and no key."""
    logged_in(oauth2)
    oauth2.environment["LAGO_NS_LAGO__API_KEY"] = oauth2.server.credentials.lago_api_key

    result = oauth2.run("auth", "status")

    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in result.lines}
    assert 0 == result.code
    assert "keyring" == rows["netsuite.private_key"][0]
    assert rows["netsuite.private_key"][2].endswith(" s")
    assert rows["netsuite.private_key"][3].endswith(("(729 d)", "(730 d)"))
    assert "variable" == rows["lago.api_key"][0]
    assert [] == [
        value for value in MemoryKeyring.secrets.values() if len(value) > 32 and value in result.out
    ]


def test_without_a_keyring_the_login_goes_into_a_private_file(place: Place, tmp_path: Path) -> None:
    """For cron: the key first, then the ids; the file's variables are a login of their own."""
    place.environment = {"LAGO_NS_NETSUITE__AUTH": "oauth2"}
    path = tmp_path / "secrets" / "env"

    first = made(place, "--env-file", str(path))
    ids = register(place, first.out)
    second = place.run("auth", "login", "netsuite", "--env-file", path, "--secrets-from", "-", stdin=ids)
    overwriting = made(place, "--env-file", str(path), "--no-check", "--new-certificate")
    variables = dict(line.split("=", 1) for line in path.read_text("utf-8").splitlines())
    place.environment |= {name: value.strip("'") for name, value in variables.items()}
    fetched = place.run("fetch-catalog", "--side", "netsuite")

    assert (0, 0, 2) == (first.code, second.code, overwriting.code)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert 0o700 == stat.S_IMODE(path.parent.stat().st_mode)
    assert 0 == fetched.code, fetched.err


def test_tokens_are_taken_with_a_notice_of_their_end(bare: Place) -> None:
    """They are tried, kept, and enough for a command."""
    login = bare.run("auth", "login", "netsuite", "--secrets-from", "-", stdin=tokens(bare))
    fetched = bare.run("fetch-catalog", "--side", "netsuite")

    assert (0, 0) == (login.code, fetched.code), login.err
    assert "2027.1" in login.err
    assert bare.server.credentials.tba.token_secret == stored("token_secret")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (b"token_id=a\n", "No consumer_key and no consumer_secret and no token_secret was given."),
        (b"what is this\n", "Line 1 of the secrets is no NAME=value"),
        (b"api_key=a\n", "lago.api_key is not asked for here"),
        (b"token_id='a\n", "Line 1 of the secrets has a quotation mark"),
        (b"# nothing\n", "No secret was given."),
        (b"\xff\n", "cannot be read"),
    ],
)
def test_lines_that_are_no_login_are_refused_without_showing_them(
    bare: Place, tmp_path: Path, lines: bytes, said: str
) -> None:
    """Each with what is wrong; nothing is kept."""
    path = tmp_path / "lines"
    path.write_bytes(lines)

    result = bare.run("auth", "login", "netsuite", "--secrets-from", path)

    assert (2, "") == (result.code, result.out)
    assert no_traceback(result)
    assert said in result.err
    assert "what is this" not in result.err
    assert {} == MemoryKeyring.secrets


def test_one_file_of_variables_is_a_login_to_both_sides(bare: Place) -> None:
    """What ``simulator serve --write-config`` writes can be piped in as it is."""
    lines = (bare.server.directory / "env").read_bytes()

    login = bare.run("auth", "login", "--secrets-from", "-", stdin=lines)

    assert 0 == login.code, login.err
    assert bare.server.credentials.lago_api_key == stored("api_key")
    assert bare.server.credentials.tba.token_id == stored("token_id")


def test_rotation_keeps_the_old_login_when_the_new_one_fails(bare: Place) -> None:
    """A failed trial changes neither the keyring nor the configuration."""
    bare.run("auth", "login", "netsuite", "--secrets-from", "-", stdin=tokens(bare))
    before, config = dict(MemoryKeyring.secrets), bare.config.read_bytes()

    failed = bare.run(
        "auth",
        "rotate",
        "netsuite",
        "--secrets-from",
        "-",
        stdin=tokens(bare, token_id="wrong", token_secret="wrong"),
    )

    assert 3 == failed.code
    assert before == MemoryKeyring.secrets
    assert config == bare.config.read_bytes()
    assert 0 == bare.run("fetch-catalog", "--side", "netsuite").code


def test_rotation_to_another_certificate(oauth2: Place) -> None:
    """The old one serves until the new one has proven itself; only the certificate's id is new."""
    old = logged_in(oauth2)

    started = oauth2.run("auth", "rotate", "netsuite")
    meanwhile = oauth2.run("fetch-catalog", "--side", "netsuite")
    ids = register(oauth2, started.out).splitlines()[1]
    ended = oauth2.run("auth", "rotate", "netsuite", "--secrets-from", "-", stdin=ids)

    assert (0, 0, 0) == (started.code, meanwhile.code, ended.code), ended.err
    assert started.out != old
    assert stored("certificate") == started.out
    assert "revoke it in NetSuite" in ended.err
    assert 0 == oauth2.run("fetch-catalog", "--side", "netsuite").code


def test_a_key_in_use_is_not_taken_for_one_that_waits(oauth2: Place) -> None:
    """An interruption after the new login was kept, and before the waiting key was forgotten."""
    old = logged_in(oauth2)
    for (service, entry), value in list(MemoryKeyring.secrets.items()):
        if entry.endswith(("/private_key", "/certificate")):
            MemoryKeyring.secrets[service, f"{entry}/pending"] = value

    rotated = oauth2.run("auth", "rotate", "netsuite")

    assert 0 == rotated.code
    assert "-----BEGIN CERTIFICATE-----" in rotated.out
    assert old != rotated.out


def test_a_keyring_that_fails_half_way_is_put_back(bare: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never half an old login and half a new one."""
    bare.run("auth", "login", "netsuite", "--secrets-from", "-", stdin=tokens(bare))
    before = {name: value for name, value in MemoryKeyring.secrets.items() if "stored_at" not in name[1]}
    write = MemoryKeyring.set_password

    def failing(self: MemoryKeyring, service: str, username: str, password: str) -> None:
        if password == bare.server.credentials.tba_limited.token_secret:
            raise RuntimeError("locked")
        write(self, service, username, password)

    monkeypatch.setattr(MemoryKeyring, "set_password", failing)
    limited = bare.server.credentials.tba_limited
    failed = bare.run(
        "auth",
        "rotate",
        "netsuite",
        "--secrets-from",
        "-",
        stdin=tokens(bare, token_id=limited.token_id, token_secret=limited.token_secret),
    )

    after = {name: value for name, value in MemoryKeyring.secrets.items() if "stored_at" not in name[1]}
    assert 2 == failed.code
    assert before == after


def test_a_key_of_another_organization_does_not_replace_the_old_one(
    bare: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rotation exchanges the key, never the books behind it."""
    from lago_ns_cli.domain.exchange import Organization

    key = bare.server.credentials.lago_api_key
    bare.run("auth", "login", "lago", stdin=key.encode())
    monkeypatch.setattr(
        "lago_ns_cli.cli.authenticating.try_lago",
        lambda _settings, secret: Organization(identity=secret.reveal(), name="Another Inc."),
    )

    result = bare.run("auth", "rotate", "lago", stdin=b"another-key")

    assert 2 == result.code
    assert "another organization" in result.err
    assert key == stored("api_key")


def test_a_variable_that_would_hide_the_keyring_is_named(bare: Place) -> None:
    """Storing beside it would look like success and change nothing."""
    bare.environment["LAGO_NS_NETSUITE__TOKEN_ID"] = "of-old"

    result = bare.run("auth", "login", "netsuite", "--secrets-from", "-", stdin=tokens(bare))

    assert 2 == result.code
    assert "LAGO_NS_NETSUITE__TOKEN_ID is set and would hide what the keyring holds." in result.err
    assert {} == MemoryKeyring.secrets


def test_what_a_variable_holds_already_is_not_stored_again(bare: Place) -> None:
    """Nothing is hidden by a variable that says the same."""
    secret = bare.server.credentials.tba.token_secret
    bare.environment["LAGO_NS_NETSUITE__TOKEN_SECRET"] = secret

    result = bare.run("auth", "login", "netsuite", "--secrets-from", "-", stdin=tokens(bare))

    assert 0 == result.code, result.err
    assert secret not in MemoryKeyring.secrets.values()
    assert bare.server.credentials.tba.token_id == stored("token_id")


def test_logout_removes_what_this_profile_stored(bare: Place) -> None:
    """It asks first; another profile's secrets stay."""
    bare.run("auth", "login", "netsuite", "--secrets-from", "-", stdin=tokens(bare))
    MemoryKeyring.secrets["lago-ns", f"other/{ACCOUNT}/token_id"] = "theirs"

    unasked = bare.run("auth", "logout")
    done = bare.run("auth", "logout", "--yes")

    assert (2, 0) == (unasked.code, done.code)
    assert "--yes" in unasked.err
    assert "4 secrets removed" in done.err
    assert ["theirs"] == list(MemoryKeyring.secrets.values())


def test_a_logout_is_an_entry_of_the_audit_trail(bare: Place) -> None:
    """By the names of the secrets; one that was not confirmed is none, and the chain holds."""
    bare.run("auth", "login", "netsuite", "--secrets-from", "-", stdin=tokens(bare))
    bare.run("auth", "logout")
    bare.run("auth", "logout", "netsuite", "--yes")

    listed = bare.run("audit", "list", "--event", "command", "--json").events
    shown = bare.run("audit", "show", "1")

    assert ["auth logout", 1] == [listed[0]["entry"]["detail"], listed[-1]["entries"]]
    assert "netsuite.token_secret" in shown.out
    assert bare.server.credentials.tba.token_secret not in shown.out
    assert "intact" in bare.run("audit", "verify").out


def test_a_logout_is_not_kept_back_by_a_broken_ledger(bare: Place) -> None:
    """Whoever removes secrets from a machine gets that done, and is told what the trail lacks."""
    bare.run("auth", "login", "netsuite", "--secrets-from", "-", stdin=tokens(bare))
    broken = bare.write("broken.db", "no database")
    bare.environment["LAGO_NS_LEDGER__URL"] = f"sqlite:///{broken}"

    done = bare.run("auth", "logout", "--yes")

    assert 0 == done.code
    assert "warning: auth logout is not in the audit trail: " in done.err
    assert {} == MemoryKeyring.secrets


def test_no_secret_is_an_option_or_an_argument() -> None:
    """What stands on a command line stands in the process list and in the shell's history."""
    from lago_ns_cli.domain.secrets import SecretName
    from tests.cli import commands

    names = {name.value.partition(".")[2].replace("_", "-") for name in SecretName}
    given = {
        f"{' '.join(path)} {option}"
        for path, command in commands.tree().items()
        for option in commands.options_of(command)
        if option.removeprefix("--") in names | {"key", "password", "lago-key", "lago-api-key"}
    }

    assert set() == given
