"""A wrong standard is refused in words one can act on."""

import re
import shutil
from pathlib import Path

import pytest

from claims_api.policies.data import build


def broken(folder: Path, old: str, new: str) -> str:
    """What the builder says when `old` reads `new` in the file that people edit."""
    text = (build.FOLDER / "standard.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} must be in the file once"
    (folder / "standard.yaml").write_text(text.replace(old, new), encoding="utf-8")
    shutil.copy(build.FOLDER / "standard.schema.json", folder)
    with pytest.raises(ValueError, match=r"standard\.yaml") as refused:
        build.build_standard(folder)
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        pytest.param(
            "{value: 5, unit: business_days, starts_with: submitted,",
            "{value: 5, unit: weeks, starts_with: submitted,",
            r"service\.decide\.unit: 'weeks' is not one of \['calendar_days', 'business_days', 'hours'\]",
            id="a unit nobody can count",
        ),
        pytest.param(
            "{value: 10, unit:",
            "{value: 0, unit:",
            r"service\.decide_appeal\.value: 0 is less than the minimum of 1",
            id="no time at all",
        ),
        pytest.param(
            "{value: 30, unit: calendar_days, starts_with: line_refused",
            "{value: 30, unit: business_days, starts_with: line_refused",
            r"service\.appeal_window\.unit: 'calendar_days' was expected",
            id="a window that is not in calendar days",
        ),
        pytest.param("\n  draft:\n", "\n  drafts:\n", r"service: 'draft' is a required property", id="a missing term"),
        pytest.param(
            "- {code: photo_of_serial,",
            "- {code: identity_card,",
            r"document_sets\.unit\.0\.code: 'identity_card' is not one of \['proof_of_purchase'",
            id="a paper nobody may ask for",
        ),
        pytest.param(
            "recording_of_noise, requirement: one_or_more, group: fault}",
            "recording_of_noise, requirement: one_or_more}",
            r"document_sets\.heard\.0: 'group' is a required property",
            id="one or more of what",
        ),
        pytest.param(
            "- {code: photo_of_serial, requirement: optional}",
            "- {code: photo_of_serial, requirement: optional, group: fault}",
            r"document_sets\.unit\.0\.requirement: 'one_or_more' was expected",
            id="a group nobody needs",
        ),
        pytest.param(
            "label: Recording of the noise, media: [voice, video]",
            "label: Recording of the noise, media: [vinyl]",
            r"document_kinds\.recording_of_noise\.media\.0: 'vinyl' is not one of",
            id="a medium nobody has",
        ),
        pytest.param(
            "remedies: [reshipment, refund]",
            "remedies: [store_credit]",
            r"issues\.lost_in_transit\.remedies\.0: 'store_credit' is not one of",
            id="a remedy that is none",
        ),
        pytest.param(
            "defect: {bearer: seller}",
            "defect: {bearer: consumer}",
            r"return_cost\.defect\.bearer: 'seller' was expected",
            id="a fault at the customer's cost",
        ),
        pytest.param(
            "\nrules:\n",
            "\nrules:\n  statutory_guarantee_months: {value: 24, unit: months}\n",
            r"rules: Additional properties are not allowed \('statutory_guarantee_months' was unexpected\)",
            id="a guarantee, which is a matter of terms",
        ),
        pytest.param(
            "documents: [purchase, heard, unit]",
            "documents: [purchase, herd, unit]",
            r"issues\.noise\.documents: there is no set 'herd' in document_sets",
            id="a set that is not there",
        ),
        pytest.param(
            "documents: [purchase, heard, unit]",
            "documents: [purchase, heard, on_screen]",
            r"issues\.noise\.documents: 'description' is asked for more than once",
            id="a thing asked twice",
        ),
        pytest.param(
            "- {code: proof_of_purchase, requirement: required}\n",
            "",
            r"'bank_statement' is an alternative to 'proof_of_purchase', which is not asked for itself",
            id="an alternative to nothing",
        ),
    ],
)
def test_a_wrong_standard_is_refused_in_words_one_can_act_on(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert re.search(sentence, broken(tmp_path, old, new))


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    told = broken(
        tmp_path, "retention:\n  claim_record: {months: 36,", "retention:\n  claim_record: {months: -1, why: x,"
    )
    assert [line.partition(": ")[2].partition(":")[0] for line in told.splitlines()] == [
        "retention.claim_record.months",
        "retention.claim_record",
    ]
