"""The words of the law's data: fields, statuses, units, flags. Public contract: never renamed, only added."""

from enum import StrEnum


class RuleField(StrEnum):
    """The twenty questions put to every law, in the order an answer shows them."""

    STATUTORY_GUARANTEE_MONTHS = "statutory_guarantee_months"
    USED_GOODS_GUARANTEE_MONTHS = "used_goods_guarantee_months"
    EXPECTED_LIFESPAN_RULE = "expected_lifespan_rule"
    BURDEN_OF_PROOF_MONTHS = "burden_of_proof_months"
    GUARANTEE_EXTENSION_AFTER_REPAIR_MONTHS = "guarantee_extension_after_repair_months"
    CLOCK_STOPS_DURING_REPAIR = "clock_stops_during_repair"
    IMMEDIATE_REJECTION_DAYS = "immediate_rejection_days"
    WITHDRAWAL_DAYS = "withdrawal_days"
    WITHDRAWAL_RETURN_COST_BEARER = "withdrawal_return_cost_bearer"
    WITHDRAWAL_FUNCTION = "withdrawal_function"
    NOTICE_DUTY_DAYS = "notice_duty_days"
    REMEDY_HIERARCHY = "remedy_hierarchy"
    MAX_REPAIR_DAYS = "max_repair_days"
    COMPLAINT_REPLY_DAYS = "complaint_reply_days"
    DEEMED_ACCEPTED_ON_SILENCE = "deemed_accepted_on_silence"
    FREE_OF_CHARGE_RETURN_SHIPPING = "free_of_charge_return_shipping"
    REFUND_DAYS = "refund_days"
    SPARE_PARTS_MONTHS = "spare_parts_months"
    LIMITATION_PERIOD_MONTHS = "limitation_period_months"
    DATA_LOCALISATION = "data_localisation"


class Better(StrEnum):
    """Which of two values of a field is better for the consumer."""

    LONGER = "longer"
    SHORTER = "shorter"
    TRUE = "true"
    SELLER = "seller"


DIRECTION: dict[RuleField, Better] = {
    RuleField.STATUTORY_GUARANTEE_MONTHS: Better.LONGER,
    RuleField.USED_GOODS_GUARANTEE_MONTHS: Better.LONGER,
    RuleField.EXPECTED_LIFESPAN_RULE: Better.TRUE,
    RuleField.BURDEN_OF_PROOF_MONTHS: Better.LONGER,
    RuleField.GUARANTEE_EXTENSION_AFTER_REPAIR_MONTHS: Better.LONGER,
    RuleField.CLOCK_STOPS_DURING_REPAIR: Better.TRUE,
    RuleField.IMMEDIATE_REJECTION_DAYS: Better.LONGER,
    RuleField.WITHDRAWAL_DAYS: Better.LONGER,
    RuleField.WITHDRAWAL_RETURN_COST_BEARER: Better.SELLER,
    RuleField.WITHDRAWAL_FUNCTION: Better.TRUE,
    RuleField.MAX_REPAIR_DAYS: Better.SHORTER,
    RuleField.COMPLAINT_REPLY_DAYS: Better.SHORTER,
    RuleField.DEEMED_ACCEPTED_ON_SILENCE: Better.TRUE,
    RuleField.FREE_OF_CHARGE_RETURN_SHIPPING: Better.TRUE,
    RuleField.REFUND_DAYS: Better.SHORTER,
    RuleField.SPARE_PARTS_MONTHS: Better.LONGER,
    RuleField.LIMITATION_PERIOD_MONTHS: Better.LONGER,
}
"""Fields whose values compare by themselves. A notice duty does not (none at all is best of all), nor do the order of
remedies and the place of data."""


class RuleStatus(StrEnum):
    """What the law says in a field. `unknown` is never read as `none`."""

    SET = "set"
    NONE = "none"
    LEFT_TO_MEMBERS = "left_to_members"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure we are. `uncertain` never decides anything."""

    VERIFIED = "verified"
    WELL_KNOWN = "well_known"
    UNCERTAIN = "uncertain"


class Coverage(StrEnum):
    """How much of a jurisdiction's law is established; `none`: nothing is."""

    READ = "read"
    PARTLY_READ = "partly_read"
    WELL_KNOWN = "well_known"
    THIN = "thin"
    NONE = "none"


class Unit(StrEnum):
    """Units of periods. Two months are not sixty days."""

    MONTHS = "months"
    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    HOURS = "hours"


class CountsFrom(StrEnum):
    """The event a period starts with."""

    DELIVERY = "delivery"
    PURCHASE = "purchase"
    DISCOVERY = "discovery"
    NOTICE = "notice"
    REQUEST = "request"
    COMPLAINT_RECEIVED = "complaint_received"
    WITHDRAWAL_NOTICE = "withdrawal_notice"
    GUARANTEE_END = "guarantee_end"
    PRODUCTION_END = "production_end"
    GOODS_RECEIVED = "goods_received"
    ACCRUAL = "accrual"
    REPAIR_COMPLETED = "repair_completed"


class Flag(StrEnum):
    """Why a value may be shown and may favour the consumer, but never refuses, expires or times anything."""

    CONDITIONAL = "conditional"
    ONLY_IF_AGREED = "only_if_agreed"
    DEPENDS_ON_TRANSPOSITION = "depends_on_transposition"
    NOT_BINDING = "not_binding"


class Layer(StrEnum):
    """Where a value stands, lowest first."""

    STATUTORY = "statutory"
    STANDARD = "standard"


class StatutoryLayer(StrEnum):
    """Whether consumer law speaks against us in a sale, and if not, why."""

    APPLIES = "applies"
    BUSINESS_CUSTOMER = "business_customer"
    SOLD_BY_OTHER = "sold_by_other"


class Assumption(StrEnum):
    """A fact nobody gave, read in the customer's favour. `length`: which of two periods is longer hangs on the day."""

    CONTRACT_DATE = "contract_date"
    CATEGORY = "category"
    CONDITION = "condition"
    PRICE = "price"
    LENGTH = "length"


class Question(StrEnum):
    """What a person has to say about the goods or the law: the questions of the data, then those of resolution."""

    MEANT_TO_LAST = "meant_to_last_considerably_longer_than_2_years"
    ON_THE_LIST_OF_TECHNICAL_GOODS = "on_the_official_list_of_technical_goods"
    ON_THE_LIST_OF_DURABLE_GOODS = "on_the_official_list_of_durable_goods"
    GOODS_OF_THE_CATEGORY = "goods_of_the_category"
    STATUTORY_POSITION = "statutory_position"


class Category(StrEnum):
    """The product categories; a line has exactly one."""

    LARGE_APPLIANCES = "large_appliances"
    WASHING_APPLIANCES = "washing_appliances"
    SMALL_APPLIANCES = "small_appliances"
    TELEVISIONS = "televisions"
    ELECTRONICS = "electronics"
    COMPUTERS = "computers"
    MOBILE_DEVICES = "mobile_devices"
    VEHICLES_PARTS = "vehicles_parts"
    FURNITURE = "furniture"
    CLOTHING = "clothing"
    BUILDING_MATERIALS = "building_materials"
    MEDICAL_DEVICES = "medical_devices"
    PERISHABLES = "perishables"
    OTHER = "other"


class CategoryTest(StrEnum):
    """Whether the category's code decides, or a person answers a question first."""

    CATEGORY = "category"
    JUDGEMENT = "judgement"
