"""One account has one id, and its secrets go to its own hosts alone."""

import pytest

from lago_ns_cli.errors import ConfigError
from lago_ns_cli.netsuite.account import host_label, normalize_account, restlet_base_url, token_base_url


@pytest.mark.parametrize("text", ["1234567_SB1", "1234567_sb1", "1234567-SB1", " 1234567-sb1 "])
def test_all_spellings_are_one_account(text: str) -> None:
    """The realm is upper case with an underscore, the host lower case with a hyphen."""
    assert normalize_account(text) == "1234567_SB1"
    assert host_label(text) == "1234567-sb1"
    assert restlet_base_url(text) == "https://1234567-sb1.restlets.api.netsuite.com"
    assert token_base_url(text) == "https://1234567-sb1.suitetalk.api.netsuite.com"


@pytest.mark.parametrize(
    "text", ["", "  ", "123.456", "https://123.app.netsuite.com", "12 34", "_", "123_", "１２"]
)
def test_what_is_no_account_id_is_refused(text: str) -> None:
    """Before it becomes part of a host name."""
    with pytest.raises(ConfigError):
        normalize_account(text)


@pytest.mark.parametrize(
    ("base_url", "chosen"),
    [
        (None, "https://1234567-sb1.restlets.api.netsuite.com"),
        ("", "https://1234567-sb1.restlets.api.netsuite.com"),
        ("https://1234567-sb1.app.netsuite.com/", "https://1234567-sb1.app.netsuite.com"),
        ("https://1234567-SB1.restlets.api.netsuite.com", "https://1234567-SB1.restlets.api.netsuite.com"),
        ("http://127.0.0.1:8321", "http://127.0.0.1:8321"),
        ("http://localhost:8321/", "http://localhost:8321"),
    ],
)
def test_base_url_of_the_account_or_of_this_machine_is_taken(base_url: str | None, chosen: str) -> None:
    """The simulator runs on loopback."""
    assert restlet_base_url("1234567_SB1", base_url) == chosen


@pytest.mark.parametrize(
    "base_url",
    [
        "https://1234567.restlets.api.netsuite.com",  # production, not the sandbox
        "https://7654321-sb1.restlets.api.netsuite.com",
        "https://1234567-sb1.restlets.api.netsuite.com.example.org",
        "https://1234567-sb1.example.org",
        "https://x.1234567-sb1.restlets.api.netsuite.com",
        "http://1234567-sb1.restlets.api.netsuite.com",
        "https://user@1234567-sb1.restlets.api.netsuite.com",
    ],
)
def test_any_other_host_is_refused(base_url: str) -> None:
    """A sandbox profile never reaches production, nor a stranger."""
    for choose in (restlet_base_url, token_base_url):
        with pytest.raises(ConfigError) as caught:
            choose("1234567_SB1", base_url)
        assert caught.value.hint


def test_tokens_are_fetched_where_the_simulator_runs() -> None:
    """It serves both, while NetSuite keeps them on different hosts."""
    assert token_base_url("1234567_SB1", "http://127.0.0.1:8321") == "http://127.0.0.1:8321"
    assert (
        token_base_url("1234567_SB1", "https://1234567-sb1.app.netsuite.com")
        == "https://1234567-sb1.suitetalk.api.netsuite.com"
    )
