"""The laws over many documents: no minor unit is lost, and the same document is always the same record."""

import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lago_ns_cli.domain.records import fingerprint
from lago_ns_cli.domain.translation.invoice import translate_invoice
from tests.laws.campaign import BLOCK, CUSTOMERS, Block, check_block, check_many
from tests.laws.documents import Billing, billing
from tests.laws.laws import check_one, stability_of, translate
from tests.laws.settings import VARIANTS, Variant, context_of

SEED = 2026
SHARDS = 20
LEAST_OF_A_SHARD = 1_000
MANY = 1_000_000
CUSTOMERS_OF_A_SMALL_ORGANIZATION = 20


@pytest.mark.parametrize("first", [BLOCK * shard for shard in range(SHARDS)])
def test_no_minor_unit_is_lost_in_twenty_thousand_documents(first: int) -> None:
    """Customers, invoices, credit notes and payments, each under the next of the eight ways to keep books."""
    tally = check_block(Block(SEED, first))

    assert [] == tally.problems
    assert {"customer", "invoice", "credit note", "payment"} == set(tally.documents)
    assert LEAST_OF_A_SHARD <= tally.count


@pytest.mark.campaign
def test_no_minor_unit_is_lost_in_a_million_documents() -> None:
    """As above, over organizations of many seeds."""
    problems, count = [], 0
    for _, tally in check_many(MANY, seed=1, processes=os.cpu_count() or 1):
        problems += tally.problems
        count += tally.count

    assert [] == problems
    assert count >= MANY


@settings(max_examples=2_000)
@given(
    seed=st.integers(0, 15),
    customer=st.integers(0, CUSTOMERS_OF_A_SMALL_ORGANIZATION - 1),
    index=st.integers(0, 60),
    variant=st.sampled_from(VARIANTS),
)
def test_any_document_keeps_the_laws_under_any_books(
    seed: int, customer: int, index: int, variant: Variant
) -> None:
    """Unlike in the shards, every document may meet every way of keeping the books."""
    assert [] == check_one(small(seed, customer), index, variant)


_SMALL: dict[tuple[int, int], Billing] = {}


def small(seed: int, customer: int) -> Billing:
    """Keep what was billed: thousands of examples look at a few hundred customers."""
    place = (seed, customer)
    if place not in _SMALL:
        _SMALL[place] = billing(seed, customer, CUSTOMERS_OF_A_SMALL_ORGANIZATION)
    return _SMALL[place]


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_the_same_document_is_the_same_record(variant: Variant) -> None:
    """Read and translated again; what is known of other records' ids changes no fingerprint."""
    tally = stability_of(billing(SEED, VARIANTS.index(variant), CUSTOMERS), variant)

    assert [] == tally.problems


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_another_amount_is_another_fingerprint(variant: Variant) -> None:
    """A cent more on any fee is seen, whether its line stands alone or in a group."""
    [invoice, *_] = [one for one in small(3, 4).invoices if one.document.total_amount_cents]
    document, context = invoice.document, context_of(variant)
    fee = next(one for one in document.fees if one.amount_cents)
    changed = replace(
        document,
        fees=tuple(
            replace(one, amount_cents=one.amount_cents + 1) if one is fee else one for one in document.fees
        ),
        fees_amount_cents=document.fees_amount_cents + 1,
        sub_total_excluding_taxes_amount_cents=document.sub_total_excluding_taxes_amount_cents + 1,
        total_amount_cents=document.total_amount_cents + 1,
    )
    other = replace(invoice, received=replace(invoice.received, document=changed))
    billed = small(3, 4)

    assert fingerprint(translate(invoice, translate_invoice, context, billed).record) != fingerprint(
        translate(other, translate_invoice, context, billed).record
    )


FINGERPRINTS = "608647ca226e1969ab5eb8c4143d7d5ebab40ba8ecd6df07f701d87b9048475f"


def digest_of_fingerprints() -> str:
    """Hash the fingerprints of a customer's invoices under every way of keeping the books."""
    billed, digest = small(1, 0), sha256()
    for variant in VARIANTS:
        context = context_of(variant)
        for invoice in billed.invoices:
            for record in translate(invoice, translate_invoice, context, billed).records:
                digest.update(fingerprint(record).encode())
    return digest.hexdigest()


def test_fingerprints_are_those_of_earlier_versions() -> None:
    """A ledger keeps them for years: another one would hold every posted document as changed.

    Whoever changes what is sent on purpose writes the new figure here, and says in the changelog what
    becomes of documents that were posted before.
    """
    assert FINGERPRINTS == digest_of_fingerprints()


def test_fingerprints_do_not_depend_on_the_process() -> None:
    """Sets and hashes of text are ordered otherwise in every process."""
    told = "from tests.laws.test_generated import digest_of_fingerprints; print(digest_of_fingerprints())"
    elsewhere = subprocess.run(
        [sys.executable, "-c", told],
        env={**os.environ, "PYTHONHASHSEED": "17"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert digest_of_fingerprints() == elsewhere.stdout.strip()
