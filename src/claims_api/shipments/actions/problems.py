"""The refusals of parcels that are none of claims."""

from claims_api.kit.problems import Problem


class TrackingNumberTaken(Problem):
    """The number is that of another parcel of the same partner and carrier; `existing` names it."""

    code, title, status = "tracking-number-taken", "This tracking number belongs to another shipment.", 409
    way_out = "Read the shipment in `existing`; a carrier that uses a number again needs another name for it here."
