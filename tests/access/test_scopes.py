"""Scopes: the contract's list, and what each role gets when nothing is asked for."""

import pytest

from claims_api.access.scopes import DEFAULT_SCOPES, Role, Scope

CONTRACT = """claims:read claims:write claims:decide shipments:read shipments:write policies:read policies:write
documents:read documents:write webhooks:manage messages:write feedback:write analytics:read privacy:manage
keys:manage"""
STOREFRONT = "claims:read claims:write policies:read shipments:read messages:write"
DEFAULTS = {
    Role.STOREFRONT: STOREFRONT,
    Role.AGENT: f"{STOREFRONT} claims:decide shipments:write",
    Role.SUPERVISOR: f"{STOREFRONT} claims:decide shipments:write analytics:read",
    Role.PARTNER: "shipments:read shipments:write",
    Role.ADMIN: "policies:read policies:write claims:read keys:manage",
}


def test_the_scopes_are_those_of_the_contract() -> None:
    assert set(Scope) == set(CONTRACT.split())


@pytest.mark.parametrize("role", Role)
def test_each_role_has_its_default(role: Role) -> None:
    assert sorted(DEFAULT_SCOPES[role]) == sorted(DEFAULTS[role].split())


def test_an_admin_acts_on_no_claim() -> None:
    assert not set(DEFAULT_SCOPES[Role.ADMIN]) & {Scope.CLAIMS_WRITE, Scope.CLAIMS_DECIDE}
