"""The domain's values in the form the answers show."""

from dataclasses import asdict, dataclass
from datetime import date

from claims_api.domain.day_counting import Due
from claims_api.domain.guarantees import Guarantee, may_run_out
from claims_api.domain.policy import CategoryRule, Policy, Voice
from claims_api.domain.policy_dates import SaleDates
from claims_api.domain.policy_law import Statute
from claims_api.domain.policy_places import facts_of
from claims_api.domain.policy_words import Category, Coverage, RuleField
from claims_api.domain.regions import Region
from claims_api.domain.standard import GlobalStandard
from claims_api.policies.schemas.answers import NOT_LEGAL_ADVICE, PolicyAnswer, RegionAnswer
from claims_api.policies.schemas.question import GoodsCondition
from claims_api.policies.schemas.rendering_rules import Shown, category_shown, due_shown, rule_shown, voice_shown
from claims_api.policies.schemas.rendering_standard import standard_shown

NOT_ESTABLISHED = (
    "Statutory position not established: the brand's own standard applies, and a person checks the local law before a "
    "claim is refused."
)
INHERITED = "No entry of its own: answered from the law of {}; local law may add to it."


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a place and its languages (each with its tag), and the tag of the language they are in."""

    locale: str
    place: str
    languages: tuple[tuple[str, str], ...]


NOTHING_KNOWN = SaleDates()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the lookup, made whole: `as_of` is a day with a release, `locale` a language there are names in."""

    region: str
    as_of: date
    category: Category | None = None
    condition: GoodsCondition | None = None
    sale: SaleDates = NOTHING_KNOWN
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Ends:
    """When the periods of a policy end. `by_category` goes with the policy's guarantees by category."""

    rules: dict[RuleField, Due]
    by_category: tuple[Due | None, ...]
    guarantee: Due | None


@dataclass(frozen=True, slots=True)
class Found:
    """All that an answer of the lookup is made of."""

    pin: str
    policy: Policy
    statute: Statute
    standard: GlobalStandard
    guarantee: Guarantee
    ends: Ends
    names: Names


def region_answer(statute: Statute, region: Region, names: Names) -> RegionAnswer:
    """A node of the tree with its facts."""
    own = {name: getattr(region, name) for name in ("code", "kind", "parent", "country", "same_as")}
    facts = asdict(facts_of(statute, region.code))
    more = {"has_subdivisions": region.has_subdivisions}
    return RegionAnswer.model_validate({**own, **_named(names), **facts, **more})


def policy_answer(asked: Asked, found: Found) -> PolicyAnswer:
    """The whole lookup. Dump it with `exclude_unset`: members that only some rules have are there only then."""
    policy = found.policy
    calendar = asdict(policy.calendar)
    shown = {
        "id": found.pin,
        "as_of": asked.as_of,
        "facts": {"category": asked.category, "condition": asked.condition, **asdict(asked.sale)},
        "statutory_release": found.statute.release,
        "rules": _rules(policy, found.ends),
        "guarantee": _guarantee(found.guarantee, found.ends.guarantee),
        "warranty": None,
        "calendar": {**calendar, "time_zones": policy.calendar.time_zones or None},
        "authorities": [asdict(authority) for authority in policy.authorities],
        "notes": _notes(policy, found.statute),
        "not_legal_advice": NOT_LEGAL_ADVICE,
        **_named(found.names),
        **standard_shown(policy, found.standard),
    }
    same = PolicyAnswer.model_fields.keys() - shown.keys()
    return PolicyAnswer.model_validate({**{name: getattr(policy, name) for name in same}, **shown})


def _named(names: Names) -> Shown:
    languages = [{"tag": tag, "name": name} for tag, name in names.languages]
    return {"name": names.place, "locale": names.locale, "language_names": languages}


def _rules(policy: Policy, ends: Ends) -> Shown:
    rules: Shown = {field.value: rule_shown(field, policy.rules[field], ends.rules.get(field)) for field in RuleField}
    pairs: zip[tuple[CategoryRule, Due | None]] = zip(policy.category_guarantees, ends.by_category, strict=True)
    rules["category_guarantees"] = [category_shown(one, end) for one, end in pairs]
    return rules


def _guarantee(found: Guarantee, end: Due | None) -> Shown:
    runs_out = may_run_out(found)
    trail = [
        {"origin": one.origin, **voice_shown(Voice(one.rule.layer, one.rule.region, one.rule.said))}
        for one in found.trail
    ]
    shown = voice_shown(Voice(found.rule.layer, found.rule.region, found.rule.said))
    return shown | {
        "origin": found.origin,
        "assumed": found.assumed,
        "questions": found.questions,
        "open_ended": found.open_ended,
        "due": end and due_shown(end, decides=runs_out),
        "may_run_out": runs_out,
        "trail": trail,
    }


def _notes(policy: Policy, statute: Statute) -> list[str]:
    """The note of the entry, and what every reader has to know about where the answer comes from."""
    found = [policy.notes] if policy.notes else []
    if policy.coverage is Coverage.NONE:
        return [*found, NOT_ESTABLISHED]
    if policy.own_entry:
        return found
    return [*found, INHERITED.format(next(step for step in policy.path if step in statute.entries))]
