"""What the policies answer, as the OpenAPI document and typed clients see it."""

from claims_api.policies.schemas.answers import PolicyAnswer, RegionAnswer

__all__ = ["PolicyAnswer", "RegionAnswer"]
