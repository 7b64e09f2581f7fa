"""The codes of Lago's API, and our own for answers of Lago that carry none."""

from lago_ns_cli.domain.error_codes.form import Family, Group

_KEY = "Store a valid API key with `lago-ns auth login`."

GROUPS = (
    Group(Family.LOGIN, "lago_unauthorized", "Lago refused the API key.", _KEY),
    Group(
        Family.LOGIN,
        "lago_forbidden",
        "Lago forbids access, and does not say for want of what.",
        "Check the key's permissions in Lago, and that lago.base_url is right.",
    ),
    Group(
        Family.LOGIN,
        "read_action_not_allowed_for_* write_action_not_allowed_for_*",
        "The Lago API key lacks a permission for this kind of object.",
        "Give the key the permission that is named in Lago (Developers > API keys).",
    ),
    Group(
        Family.ENDED,
        "feature_unavailable",
        "Lago does not offer this to the organization, or not in the object's state: a premium licence is needed.",
        "Ask whoever runs Lago about its licence.",
    ),
    Group(
        Family.ENDED,
        "resource_not_found lago_redirect",
        "What answered is not Lago's API at the address that is set.",
        "Set lago.base_url to the address of Lago's API itself.",
    ),
    Group(
        Family.UNSENT,
        "customer_not_found invoice_not_found fee_not_found credit_note_not_found payment_not_found "
        "payment_request_not_found payment_receipt_not_found subscription_not_found wallet_not_found "
        "wallet_transaction_not_found plan_not_found coupon_not_found tax_not_found add_on_not_found "
        "billable_metric_not_found billing_entity_not_found organization_not_found",
        "Lago knows no such object.",
        "Check the id, and that the API key is of this organization.",
        "lago-ns auth status",
    ),
    Group(
        Family.ENDED,
        "validation_errors lago_http_*",
        "Lago refused the call as it is.",
        "Correct what the message names and run the command again.",
    ),
    Group(
        Family.ENDED,
        "not_voidable metadata_on_draft_invoice update_on_voided_invoice provider_error third_party_error",
        "The state of the object in Lago, or a provider behind Lago, does not allow it.",
        "See to the object in Lago.",
    ),
    Group(
        Family.LIMIT,
        "lago_rate_limit too_many_provider_requests rate_limit_exceeded",
        "Lago answers no more calls for now.",
        "Lago allows 50 calls a second for a whole organization; run the command again.",
    ),
    Group(
        Family.UNAVAILABLE,
        "lago_unavailable lago_not_json lago_unusable_answer",
        "Lago failed, or something before it answered in its place.",
        "Run the command again in a while; nothing was changed.",
    ),
    Group(
        Family.ENDED,
        "ambiguous_number",
        "Several documents have this number.",
        "Name the document by its Lago id.",
    ),
)
