"""Lines of a customer that is updated: what changed, and nothing beside it."""

from tests.restlet.service import OTHER_FINGERPRINT, Json, Service, customer

HOME: Json = {"country": "US", "addr1": "1 Main St", "city": "New York"}


def address(fields: Json, changed: list[str] | None = None, **line: object) -> list[Json]:
    """An address line of ours; with its changes, where they are known."""
    whole: Json = {"label": "Lago billing", **line, "addressbookaddress": fields}
    if changed is not None:
        whole["changed"] = dict.fromkeys(changed, True)
    return [{"sublistId": "addressbook", "lineItems": [whole]}]


def created(service: Service, lines: list[Json] | None = None) -> str:
    return str(service.push_one(customer(lines=lines or []))["id"])


def update(service: Service, internal_id: str, lines: list[Json]) -> Json:
    changed = customer(
        action="update", id=internal_id, columns={}, lines=lines, fingerprint=OTHER_FINGERPRINT
    )
    outcome = service.push_one(changed | {"columns": {}})
    assert "updated" == outcome["outcome"], outcome["error"]
    return next(one for one in service.account.records("customer") if one["id"] == internal_id)


def test_only_the_changed_fields_of_a_line_are_set(service: Service) -> None:
    """The city that is sent along is not written over the one that is there."""
    internal_id = created(service, address(HOME, defaultbilling=True))
    sent = {"country": "US", "addr1": "2 Side St", "city": "Boston"}

    (line,) = update(service, internal_id, address(sent, ["addr1"], defaultbilling=False))["addressbook"]

    assert ("2 Side St", "New York") == tuple(line["addressbookaddress"][name] for name in ("addr1", "city"))
    assert line["defaultbilling"] is True


def test_a_flag_changes_without_its_address(service: Service) -> None:
    """A default moves, the address stays."""
    internal_id = created(service, address(HOME, defaultbilling=True))

    (line,) = update(service, internal_id, address({}, ["defaultbilling"], defaultbilling=False))[
        "addressbook"
    ]

    assert line["defaultbilling"] is False
    assert "1 Main St" == line["addressbookaddress"]["addr1"]


def test_a_line_that_is_not_there_is_added_whole(service: Service) -> None:
    """But takes no default from another line, since no default changed."""
    sent = address(HOME, ["addr1"], defaultbilling=True)

    (line,) = update(service, created(service), sent)["addressbook"]

    assert ("1 Main St", "New York") == tuple(line["addressbookaddress"][name] for name in ("addr1", "city"))
    assert not line.get("defaultbilling")


def test_a_line_that_is_not_there_is_not_added_to_be_empty(service: Service) -> None:
    """What a person removed and Lago removed is gone."""
    sent = address({"addr1": None, "city": None}, ["addr1", "city", "defaultbilling"], defaultbilling=False)

    assert [] == update(service, created(service), sent)["addressbook"]


def test_null_empties_a_field_of_an_address(service: Service) -> None:
    """Within a line as on the body."""
    internal_id = created(service, address({**HOME, "addr2": "Floor 3"}))

    (line,) = update(service, internal_id, address({**HOME, "addr2": None}, ["addr2"]))["addressbook"]

    assert not line["addressbookaddress"].get("addr2")


def test_a_customer_gets_currencies_and_subsidiaries_once(service: Service) -> None:
    """What it has already is not added again; the look-up tells all of them."""
    internal_id = created(service)
    lines: list[Json] = [
        {"sublistId": "currency", "lineItems": [{"currency": "1"}, {"currency": "4"}]},
        {"sublistId": "submachine", "lineItems": [{"subsidiary": "4"}]},
    ]
    update(service, internal_id, lines)
    update(service, internal_id, lines)

    [found] = service.find(type="customer", id=internal_id)["records"]
    assert (["1", "4"], ["2", "4"]) == (sorted(found["currencies"]), sorted(found["subsidiaries"]))
