"""Roles of keys, the scopes they may carry, and what each role gets when nothing is asked for."""

from enum import StrEnum


class Role(StrEnum):
    STOREFRONT = "storefront"
    PARTNER = "partner"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Scope(StrEnum):
    CLAIMS_READ = "claims:read"
    CLAIMS_WRITE = "claims:write"
    CLAIMS_DECIDE = "claims:decide"
    SHIPMENTS_READ = "shipments:read"
    SHIPMENTS_WRITE = "shipments:write"
    POLICIES_READ = "policies:read"
    POLICIES_WRITE = "policies:write"
    DOCUMENTS_READ = "documents:read"
    DOCUMENTS_WRITE = "documents:write"
    WEBHOOKS_MANAGE = "webhooks:manage"
    MESSAGES_WRITE = "messages:write"
    FEEDBACK_WRITE = "feedback:write"
    ANALYTICS_READ = "analytics:read"
    PRIVACY_MANAGE = "privacy:manage"
    KEYS_MANAGE = "keys:manage"


CUSTOMER = "customer"
"""The role of a tracking token: no key has it."""

TOKEN_SCOPES = frozenset({Scope.CLAIMS_READ, Scope.CLAIMS_WRITE, Scope.SHIPMENTS_READ})

_STOREFRONT = (
    Scope.CLAIMS_READ,
    Scope.CLAIMS_WRITE,
    Scope.POLICIES_READ,
    Scope.SHIPMENTS_READ,
    Scope.MESSAGES_WRITE,
)
_AGENT = (*_STOREFRONT, Scope.CLAIMS_DECIDE, Scope.SHIPMENTS_WRITE)

DEFAULT_SCOPES: dict[Role, tuple[Scope, ...]] = {
    Role.STOREFRONT: _STOREFRONT,
    Role.PARTNER: (Scope.SHIPMENTS_READ, Scope.SHIPMENTS_WRITE),
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: (*_AGENT, Scope.ANALYTICS_READ),
    Role.ADMIN: (Scope.POLICIES_READ, Scope.POLICIES_WRITE, Scope.CLAIMS_READ, Scope.KEYS_MANAGE),
}
