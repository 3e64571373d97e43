"""What the policies answer, as the OpenAPI document and typed clients see it."""

from claims_api.policies.schemas.answers import PolicyAnswer, RegionAnswer, RegionPage
from claims_api.policies.schemas.question import NAMES_IN, LocaleTag, PolicyQuestion

__all__ = ["NAMES_IN", "LocaleTag", "PolicyAnswer", "PolicyQuestion", "RegionAnswer", "RegionPage"]
"""The questions and answers of the policy routes, and what `locale` means in each."""
