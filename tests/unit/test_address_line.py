"""An address of NetSuite's on one line."""

import pytest

from lago_ns_cli.domain.lago_metadata import address_line


@pytest.mark.parametrize(
    ("address", "line"),
    [
        (
            {
                "addr1": "1 Main St",
                "addr2": "Suite 5",
                "city": "Troy",
                "state": "NY",
                "zip": "12180",
                "country": "US",
            },
            "1 Main St, Suite 5, Troy NY 12180, US",
        ),
        (
            {"addr1": " Via Roma 1 ", "addr2": None, "city": "", "zip": "00184", "country": "IT"},
            "Via Roma 1, 00184, IT",
        ),
        ({"addressee": "Hooli", "country": "DE"}, "DE"),
        ({"addressee": "Hooli"}, ""),
    ],
)
def test_an_address_is_what_it_has(address: dict[str, object], line: str) -> None:
    """Nothing stands for a part that is missing; the addressee is the customer."""
    assert line == address_line(address)
