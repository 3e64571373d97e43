"""The README tells the truth where a test can say so."""

from pathlib import Path

from claims_api.domain.transitions import diagram
from claims_api.kit.settings import Settings

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_state_diagram_in_the_readme_is_the_one_the_table_draws() -> None:
    assert f"```mermaid\n{diagram()}```" in README


def test_every_setting_is_in_the_readme_and_nothing_else_is() -> None:
    table = README.split("## Configuration")[1].split("## Deploying")[0]
    told = {
        word.strip("`") for line in table.splitlines() for word in line.split("|")[1:2] for word in word.split(", ")
    }
    assert {name.strip(" `") for name in told if "CLAIMS_" in name} == {
        f"CLAIMS_{n.upper()}" for n in Settings.model_fields
    }
