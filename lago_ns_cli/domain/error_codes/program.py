"""Our own codes for what ends a run or a command."""

from lago_ns_cli.domain.error_codes.form import Family, Group

_AUTH_STATUS = "lago-ns auth status"
_CONFIG = "lago-ns config show"
_MAP_CHECK = "lago-ns map check"
_LEDGER_BUG = "Nothing was recorded. This is a bug of lago-ns; report it with the log of `--log-file`."

GROUPS = (
    Group(
        Family.UNAVAILABLE,
        "unreachable",
        "Lago or NetSuite cannot be reached; the call never left.",
        "Check the network, the proxy and the base URL; then run the command again.",
    ),
    Group(
        Family.LIMIT,
        "limit",
        "Too many calls at once, or in a second.",
        "Run the command again in a while.",
    ),
    Group(
        Family.LOGIN,
        "auth netsuite_login netsuite_login_unreadable",
        "The login was refused, or answered with something that is no token.",
        "Check the credentials, the account and the base URL.",
    ),
    Group(
        Family.SETUP,
        "netsuite_contract missing_fields",
        "What is deployed in NetSuite is not the script of this program, or its fields are missing.",
        "Deploy the current project: `lago-ns restlet export DIR`, then `suitecloud project:deploy` in DIR.",
    ),
    Group(
        Family.ENDED,
        "section_unavailable",
        "NetSuite does not show a part of its catalog that every translation needs.",
        "Give the role the permission that is named, then run the command again.",
        "lago-ns fetch-catalog",
    ),
    Group(
        Family.ENDED,
        "netsuite_other_account other_account",
        "The settings or the ledger name another NetSuite account than the one that answers.",
        "Correct netsuite.account or netsuite.base_url, or use another --profile for this account.",
    ),
    Group(
        Family.ENDED,
        "other_organization",
        "The profile belongs to another Lago organization than the API key.",
        "Use the key of that organization, or another --profile for this one.",
        _AUTH_STATUS,
    ),
    Group(
        Family.ENDED,
        "netsuite_too_large",
        "The call is larger than NetSuite takes, and nothing of it was sent.",
        "Lower push.batch; a single document of this size cannot be sent.",
    ),
    Group(
        Family.ENDED,
        "revenue_off",
        "The account does without Advanced Revenue Management, so there is no revenue to compare.",
        "Switch the feature on in Setup > Company > Enable Features > Accounting, if it is meant to be.",
    ),
    Group(
        Family.ENDED,
        "lease_held lease_lost",
        "Another run holds the account, or took it over.",
        "Wait until it is done; a run that died is taken over after its lease has ended.",
        "lago-ns status",
    ),
    Group(
        Family.ENDED,
        "credential credential_absent",
        "A secret that is needed is not there.",
        "Run `lago-ns auth login`, or set the variable that is named.",
        _AUTH_STATUS,
    ),
    Group(
        Family.ENDED,
        "secret_input unanswered",
        "Secrets or answers that are needed were not given, or cannot be read.",
        "Answer at a terminal, or give what is named by options and, for secrets, as NAME=value lines.",
        _AUTH_STATUS,
    ),
    Group(
        Family.ENDED,
        "config_exists",
        "The configuration file says something of this profile already, and only a person may change that.",
        "Edit the lines that are named, or choose another profile.",
        _CONFIG,
    ),
    Group(
        Family.ENDED,
        "variable_serves_all",
        "A variable would give every profile the same secret or account, and so mix their books.",
        "Unset it; variables that begin with LAGO_NS_PROFILES__<NAME>__ carry the secrets of one profile.",
        _AUTH_STATUS,
    ),
    Group(
        Family.ENDED,
        "variable_hides_keyring",
        "A variable is set and counts before the keyring, so what is stored there would never be used.",
        "Unset the variable, or change the secret there.",
        _AUTH_STATUS,
    ),
    Group(
        Family.ENDED,
        "keyring_unsafe keyring_unusable keyring_forgets keyring_locked keyring_failed",
        "The keyring of the system cannot be used, is locked, or would not keep a secret safely.",
        "Unlock or mend it, or set the variable that is named.",
        _AUTH_STATUS,
    ),
    Group(
        Family.ENDED,
        "config config_problems config_absent account_absent profile_unknown simulator",
        "A setting, an option or the configuration file is wrong or absent.",
        "Mend what the message names; config.example.toml shows every setting.",
    ),
    Group(
        Family.ENDED,
        "file_absent file_unreadable file_malformed",
        "A file is not there, cannot be read, or is no TOML.",
        "Mend the file at the line that is named.",
    ),
    Group(
        Family.ENDED,
        "mappings_problems",
        "The mapping file has rows that cannot be read.",
        "Mend the rows that are named.",
        _MAP_CHECK,
    ),
    Group(
        Family.ENDED,
        "mappings_changed",
        "Somebody changed the mapping file while it was being edited; it was left alone.",
        "Run the command again.",
        "lago-ns map show",
    ),
    Group(
        Family.ENDED,
        "empty_file malformed_json no_document not_in_file",
        "The file that was given holds no document, not the one that was asked for, or no JSON.",
        'Give {"invoice": {…}}, a bare object, {"invoices": […]} or JSON lines.',
        "lago-ns sync invoice --help",
    ),
    Group(
        Family.ENDED,
        "ledger",
        "The ledger cannot be read or written.",
        "Check the file, its folder and the disk; restore it from a backup if it is damaged.",
        _CONFIG,
    ),
    Group(
        Family.ENDED,
        "ledger_*",
        "The ledger refused a step that would have lost or doubled something.",
        _LEDGER_BUG,
        "lago-ns status",
    ),
    Group(
        Family.ENDED,
        "audit_export_unreadable audit_broken audit_redacted audit_other_profile",
        "The file is no whole export of this profile's audit trail.",
        "Use another export, made without --redact for this profile and account.",
        "lago-ns status",
    ),
    Group(
        Family.ENDED,
        "code_unknown",
        "The catalogue has no such code.",
        "Take one of the codes that are suggested, or list them all.",
        "lago-ns errors",
    ),
    Group(
        Family.ENDED,
        "demo",
        "The tour could not be finished.",
        "Do what the message says and run it again.",
        "lago-ns demo",
    ),
    Group(
        Family.ENDED,
        "error remote",
        "Something failed that has no code of its own.",
        "Do what the message says.",
        "lago-ns status",
    ),
)
