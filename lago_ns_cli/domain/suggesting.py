"""Proposals for rows that are missing, each with a score and its reasons. A person decides.

Evidence is exact where codes or names are equal but for case, accents and separators, where an ISO code is equal, or
where a row for the same object is there already. Anything else is a resemblance, and no resemblance is ever written
without a person; neither is anything that decides tax.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from lago_ns_cli.domain import mapping_edit
from lago_ns_cli.domain.catalog import Catalog, Row
from lago_ns_cli.domain.mappable import ITEM_KINDS, currencies_in_use, objects_of
from lago_ns_cli.domain.mapping import ItemRow, Mappings, SubsidiaryRow, TaxRow, TaxTarget
from lago_ns_cli.domain.mapping_recognition import RATABLE, rule_kind

SURE = 100
_RESEMBLING_AT_MOST = 95
_LEAST_RESEMBLANCE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A NetSuite record that could be meant.

    Args:
        score: 0 to 100; 100 only for exact evidence without anything against it.
        exact: The evidence is an equality, not a resemblance.
    """

    id: str
    name: str
    score: int
    reasons: tuple[str, ...]
    exact: bool = False
    tax_type: str | None = None
    nexus: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A missing row and what it could point to, the best first.

    Args:
        table: ``items``, ``taxes``, ``subsidiaries`` or ``currencies``.
        lago: What the row is for, as a mapping row names it.
        name: Lago's own name of it.
    """

    table: str
    lago: str
    name: str
    candidates: tuple[Candidate, ...]

    def sure(self, least_score: int) -> Candidate | None:
        """The candidate that may be written without a person; None where there is none.

        It rests on an equality, nothing else is as good, and it decides no tax.
        """
        if self.table == "taxes" or not self.candidates:
            return None
        best, *others = self.candidates
        alone = all(other.score < best.score or not other.exact for other in others)
        return best if best.exact and alone and best.score >= least_score else None


def accept(mappings: Mappings, suggestion: Suggestion, candidate: Candidate) -> Mappings:
    """Write a suggestion into the mappings."""
    lago, target = suggestion.lago, candidate.id
    match suggestion.table:
        case "items":
            return mapping_edit.set_item(mappings, ItemRow(lago=lago, item=target))
        case "subsidiaries":
            return mapping_edit.set_subsidiary(
                mappings, SubsidiaryRow(billing_entity=lago, subsidiary=target)
            )
        case "currencies":
            return mapping_edit.set_currency(mappings, lago, target)
        case _:
            tax = TaxTarget(target, candidate.tax_type, candidate.nexus)
            return mapping_edit.set_tax(mappings, TaxRow(lago=tuple(lago.split("+")), target=tax))


@dataclass(frozen=True, slots=True)
class _Named:
    """A NetSuite record with the forms of its name that are compared: the whole, and what stands below its parent."""

    row: Row
    names: tuple[str, ...]


def _prepared(rows: Iterable[Row]) -> list[_Named]:
    return [
        _Named(
            row,
            tuple(
                dict.fromkeys(
                    (plain_words(row.get("name")), plain_words(str(row.get("name") or "").rpartition(":")[2]))
                )
            ),
        )
        for row in rows
    ]


def plain_words(text: object) -> str:
    """Bring a code or a name into a form in which equal ones are equal."""
    letters = unicodedata.normalize("NFKD", str(text or "")).casefold()
    kept = "".join(char for char in letters if not unicodedata.combining(char))
    return " ".join(re.findall(r"\w+", kept.replace("_", " ")))


def suggest(
    mappings: Mappings, lago: Catalog, netsuite: Catalog, *, everything: bool = False, most: int = 3
) -> list[Suggestion]:
    """Propose rows for what has none, in the order in which a person would map.

    Args:
        everything: Also for objects that an item by type serves.
        most: Candidates to give for each.
    """
    found = [
        *_currencies(mappings, lago, netsuite),
        *_subsidiaries(mappings, lago, netsuite),
        *_items(mappings, lago, netsuite, everything=everything),
        *_taxes(mappings, lago, netsuite),
    ]
    return [replace(one, candidates=_best(one.candidates, most)) for one in found]


def _worth_a_look(one: Candidate) -> bool:
    return one.exact or one.score >= _LEAST_RESEMBLANCE or any("same" in reason for reason in one.reasons)


def _best(candidates: Iterable[Candidate], most: int) -> tuple[Candidate, ...]:
    kept = filter(_worth_a_look, candidates)
    return tuple(sorted(kept, key=lambda one: (-one.score, len(one.id), one.id))[:most])


def _active(netsuite: Catalog, section: str) -> list[Row]:
    return [row for row in netsuite.rows(section) if row.get("inactive") is not True]


def _currencies(mappings: Mappings, lago: Catalog, netsuite: Catalog) -> Iterator[Suggestion]:
    for code in sorted(currencies_in_use(lago).keys() - mappings.currencies.keys()):
        same = [row for row in _active(netsuite, "currencies") if row.get("code") == code]
        candidates = tuple(
            Candidate(
                id=str(row["id"]),
                name=str(row.get("name") or code),
                score=SURE,
                reasons=(f"the same ISO code {code}",),
                exact=True,
            )
            for row in same
        )
        yield Suggestion(table="currencies", lago=code, name=code, candidates=candidates)


def _subsidiaries(mappings: Mappings, lago: Catalog, netsuite: Catalog) -> Iterator[Suggestion]:
    rows = _prepared(_active(netsuite, "subsidiaries"))
    codes = {str(row["id"]): str(row.get("code")) for row in netsuite.rows("currencies")}
    mapped = {row.billing_entity for row in mappings.subsidiaries}
    for entity in lago.rows("billing_entities"):
        code = str(entity["code"])
        if code in mapped or mappings.subsidiary(code).won not in (None, "defaults.subsidiary"):
            continue
        names = _names(entity, "name", "legal_name")
        candidates = []
        for prepared in rows:
            row, candidate = prepared.row, _resembling(prepared, names, plain_words(code))
            against = [
                reason
                for reason, ours, theirs in (
                    ("another country", entity.get("country"), row.get("country")),
                    ("another currency", entity.get("default_currency"), codes.get(str(row.get("currency")))),
                )
                if ours and theirs and ours != theirs
            ]
            if candidate is not None:
                candidates.append(_but(candidate, against))
        name = str(entity.get("name") or code)
        yield Suggestion(table="subsidiaries", lago=code, name=name, candidates=tuple(candidates))


def _items(mappings: Mappings, lago: Catalog, netsuite: Catalog, *, everything: bool) -> Iterator[Suggestion]:
    items = _prepared(row for row in _active(netsuite, "items") if row.get("type") != "Discount")
    entities = [str(row["code"]) for row in lago.rows("billing_entities")] or [""]
    history = _History(mappings, lago)
    revenue = netsuite.features.get("revenue") is not False
    for kind in ITEM_KINDS:
        for name, row in objects_of(kind, lago):
            if not _is_open(mappings, name, kind.item_type, entities, everything=everything):
                continue
            names = _names(row, "name", "invoice_display_name")
            if kind.name == "commitment":
                # A plan's own name is that of its subscription item.
                names = ["minimum commitment", *(f"{one} minimum commitment" for one in names)]
            code = "" if kind.name == "commitment" else plain_words(row["code"])
            candidates = []
            for item in items:
                candidate = history.better(_resembling(item, names, code), name, names, item.row)
                if candidate is not None:
                    rule = (
                        rule_kind(item.row.get("recognition"))
                        if revenue and "recognition" in item.row
                        else None
                    )
                    unfit = rule is not None and kind.earned is not None and rule != kind.earned
                    against = [f"recognized {'ratably' if rule == RATABLE else 'at once'}"] if unfit else []
                    candidates.append(_but(candidate, against))
            told = str(row.get("name") or row["code"])
            yield Suggestion(table="items", lago=name, name=told, candidates=tuple(candidates))


def _is_open(
    mappings: Mappings, name: str, item_type: str, entities: Sequence[str], *, everything: bool
) -> bool:
    if any(row.lago == name and row.billing_entity is None for row in mappings.items):
        return False
    found = [mappings.item(name, item_type, entity) for entity in entities]
    own = (f"items.{name}",)
    if everything:
        return not all(str(one.won).startswith(own) for one in found)
    return any(one.value is None or one.by_default for one in found)


class _History:
    """What rows there are already: of the same object for one billing entity, of objects with much the same code."""

    def __init__(self, mappings: Mappings, lago: Catalog) -> None:
        names = {
            name: plain_words(row.get("name")) for kind in ITEM_KINDS for name, row in objects_of(kind, lago)
        }
        self._rows: dict[str, list[tuple[ItemRow, str, str]]] = {}
        for row in mappings.items:
            words = plain_words(row.lago.partition(":")[2])
            self._rows.setdefault(row.item, []).append((row, words, names.get(row.lago, "")))

    def better(
        self, candidate: Candidate | None, name: str, names: Sequence[str], item: Row
    ) -> Candidate | None:
        """Give the better of a candidate by name and one by history."""
        kind, _, code = name.partition(":")
        for row, words, called in self._rows.get(str(item["id"]), ()):
            if row.lago == name:
                told = f"{name} goes there for {row.billing_entity}"
                return _candidate(item, SURE, told, exact=True)
            if not row.lago.startswith(f"{kind}:"):
                continue
            alike = max(
                fuzz.ratio(plain_words(code), words),
                max((fuzz.ratio(one, called) for one in names), default=0) if called else 0,
            )
            score = round(0.9 * alike)
            if alike >= 75 and (candidate is None or score > candidate.score):
                candidate = _candidate(item, min(score, _RESEMBLING_AT_MOST), f"{row.lago} goes there")
        return candidate


def _names(row: Row, *fields: str) -> list[str]:
    return [name for name in dict.fromkeys(plain_words(row.get(field)) for field in fields) if name]


def _resembling(record: _Named, names: Sequence[str], code: str) -> Candidate | None:
    """Compare a NetSuite record with a Lago object by its names and its code, all of them in plain words."""
    if code and code in record.names:
        return _candidate(record.row, SURE, "the same code", exact=True)
    if any(name in record.names for name in names):
        return _candidate(record.row, SURE, "the same name", exact=True)
    score, what = max(
        ((_likeness(ours, theirs), ours) for ours in (*names, code) for theirs in record.names),
        default=(0.0, ""),
    )
    if score < _LEAST_RESEMBLANCE:
        return None
    return _candidate(record.row, min(round(score), _RESEMBLING_AT_MOST), f"resembles {what!r}")


def _likeness(ours: str, theirs: str) -> float:
    """How alike two names are, 0 to 100; 0 for all that is not worth a look."""
    if not ours or not theirs:
        return 0.0
    # Words in another order are the same; words that one side has beside are a little less so.
    return max(
        fuzz.token_sort_ratio(ours, theirs, score_cutoff=_LEAST_RESEMBLANCE),
        0.9 * fuzz.token_set_ratio(ours, theirs, score_cutoff=_LEAST_RESEMBLANCE / 0.9),
    )


def _candidate(row: Row, score: int, reason: str, *, exact: bool = False) -> Candidate:
    return Candidate(
        id=str(row["id"]), name=str(row.get("name") or ""), score=score, reasons=(reason,), exact=exact
    )


_AGAINST = 15
"""What each reason against a candidate takes off its score."""


def _but(candidate: Candidate, against: Sequence[str]) -> Candidate:
    if not against:
        return candidate
    return replace(
        candidate,
        score=max(0, candidate.score - _AGAINST * len(against)),
        reasons=(*candidate.reasons, *(f"but {reason}" for reason in against)),
        exact=False,
    )


def _taxes(mappings: Mappings, lago: Catalog, netsuite: Catalog) -> Iterator[Suggestion]:
    """Tax codes of the same rate, the better named first; a person always decides."""
    suitetax = bool(netsuite.features.get("suitetax"))
    nexuses = {str(row["id"]): row for row in netsuite.rows("nexuses")}
    entities = [str(row["code"]) for row in lago.rows("billing_entities")] or [""]
    for tax in lago.rows("taxes"):
        code = str(tax["code"])
        found = [mappings.tax((code,), entity) for entity in entities]
        if all(one.value is not None and not one.by_default for one in found):
            continue
        names = [*_names(tax, "name"), plain_words(code)]
        candidates = tuple(
            candidate
            for row in _active(netsuite, "tax_codes")
            if (candidate := _tax(row, names, tax, nexuses, suitetax=suitetax)) is not None
        )
        yield Suggestion(table="taxes", lago=code, name=str(tax.get("name") or code), candidates=candidates)


def _tax(
    row: Row, names: Sequence[str], tax: Row, nexuses: Mapping[str, Row], *, suitetax: bool
) -> Candidate | None:
    rate = _rate(tax.get("rate"))
    if rate is None or _rate(row.get("rate")) != rate:
        return None
    theirs = plain_words(row.get("name"))
    alike = max((_likeness(ours, theirs) for ours in names), default=0.0)
    reasons = [f"the same rate of {rate} %"]
    if alike >= _LEAST_RESEMBLANCE:
        reasons.append("the same name" if theirs in names else f"named {row.get('name')!r}")
    nexus = str(row["nexus"]) if row.get("nexus") else None
    if suitetax and nexus in nexuses:
        place = nexuses[str(nexus)]
        reasons.append(f"nexus {place.get('description') or place.get('country') or nexus}")
    return Candidate(
        id=str(row["id"]),
        name=str(row.get("name") or ""),
        score=min(round(50 + alike / 2), _RESEMBLING_AT_MOST),
        reasons=tuple(reasons),
        tax_type=str(row["tax_type"]) if suitetax and row.get("tax_type") else None,
        nexus=nexus if suitetax else None,
    )


def _rate(value: object) -> str | None:
    """A rate in percent, in the one spelling of its digits."""
    text = str(value if value is not None else "")
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        return None
    return text.rstrip("0").rstrip(".") if "." in text else text
