"""The global standard in the form the answers show it, with the word of the law or the region where that counts."""

from dataclasses import asdict

from claims_api.domain.policy import Policy
from claims_api.domain.policy_return_cost import return_cost_of
from claims_api.domain.policy_words import Layer
from claims_api.domain.standard import DocumentRule, GlobalStandard
from claims_api.domain.vocabulary import Ground
from claims_api.policies.schemas.rendering_rules import Shown

OURS = {"layer": Layer.STANDARD}
OF_THE_REGION = {"layer": Layer.STATUTORY}
_written: list[tuple[GlobalStandard, Shown]] = []
"""The one standard of this process, and how it is shown."""


def standard_shown(policy: Policy, standard: GlobalStandard) -> Shown:
    """Every member of an answer that rests on the standard."""
    return {
        **_same_everywhere(standard),
        "return_cost": {ground: asdict(return_cost_of(policy, standard, ground)) for ground in Ground},
        "communication": _communication(policy, standard),
    }


def _same_everywhere(standard: GlobalStandard) -> Shown:
    """What no region changes; it is most of the answer, and written out once."""
    if _written and _written[0][0] is standard:
        return _written[0][1]
    shown: Shown = {
        "standard_release": standard.release,
        "service": {term: {**asdict(one), **OURS} for term, one in standard.service.items()},
        "documents": [_issue(standard, issue) for issue in standard.documents],
        "retention": {kept: {**asdict(one), **OURS} for kept, one in standard.retention.items()},
    }
    _written[:] = [(standard, shown)]
    return shown


def _issue(standard: GlobalStandard, issue: str) -> Shown:
    return {
        "issue": issue,
        "items": [_document(rule) for rule in standard.documents[issue]],
        "fields": standard.fields[issue],
        "remedies": standard.remedies[issue],
        **OURS,
    }


def _document(rule: DocumentRule) -> Shown:
    # A set has no order of its own, and the same answer has to be the same bytes.
    return {**asdict(rule), "met_by": sorted(rule.met_by)}


def _communication(policy: Policy, standard: GlobalStandard) -> Shown:
    style, usual, tone = policy.communication_style, policy.evidence_alternatives, standard.tone
    own = {"formality": tone.formality, "refusal": tone.refusal, "confidence": None, **OURS}
    return {
        "communication_style": {**asdict(style), **OF_THE_REGION} if style else own,
        "channels": {"order": tone.channels, **OURS},
        "evidence_alternatives": usual and {**asdict(usual), **OF_THE_REGION},
    }
