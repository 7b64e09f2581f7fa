"""The command line in outline: what is answered before the program is loaded.

Generated from the program's own parser, and held equal to it by ``tests/cli/test_completions.py``, which
also writes it anew (see LAGO_NS_UPDATE_GOLDEN in CONTRIBUTING.md).
"""

Parameter = tuple[str, str, str, str]
"""Spellings of an option (none: an argument), what it takes (``flag``, ``value``, ``values``: given
more than once), the choices there are, what it means."""

HELP = """\
Usage: lago-ns [OPTIONS] COMMAND [ARGS]...

  Carry customers, invoices, credit notes and payments from Lago into
  NetSuite.

Options:
  --config FILE         The configuration file [env: LAGO_NS_CONFIG].
  --profile NAME        The profile to use [env: LAGO_NS_PROFILE].
  -v, --verbose         Say more; twice for every call.  [default: 0]
  -q, --quiet           No progress, only results.
  --log-file FILE       Also log to a file, one JSON object a line.
  --version             Show the version.
  --install-completion  Install completion for the current shell.
  --show-completion     Show completion for the current shell, to copy it or
                        customize the installation.
  -h, --help            Show this message and exit.

Commands:
  init           Set up a profile: asks for what is not given, tries both...
  demo           Start the simulator, fetch, map, sync, sync again, and...
  doctor         Check this machine, Lago and NetSuite for everything...
  fetch-catalog  Fetch what can be mapped from Lago and NetSuite, and...
  map            Show, edit and check mappings.toml.
  sync           Carry documents from Lago into NetSuite.
  reconcile      Compare Lago with NetSuite, and account for every cent...
  decide         Settle the differences that reconcile found.
  replay         Take entries up again, after whatever held them was mended.
  status         Show where every document stands, and of those that need...
  history        Show the last runs: when, how long, what they did, how...
  errors         Tell what an error code means, what to do, and whether...
  audit          The trail of all that was sent, answered and decided.
  ledger         The ledger itself.
  auth           The logins to Lago and NetSuite, kept in the keyring of...
  profile        The profiles of the configuration.
  config         The effective settings.
  restlet        The RESTlet that runs in NetSuite.
  simulator      A NetSuite account and a Lago organization on this machine.

  Start with: lago-ns demo
"""

SCRIPTS = {
    'bash': '\n_lago_ns_completion() {\n    local IFS=$\'\n\'\n    COMPREPLY=( $( env COMP_WORDS="${COMP_WORDS[*]}" \\\n                   COMP_CWORD=$COMP_CWORD \\\n                   _LAGO_NS_COMPLETE=complete_bash $1 ) )\n    return 0\n}\n\ncomplete -o default -F _lago_ns_completion lago-ns\n\n',
    'zsh': '\n#compdef lago-ns\n\n_lago_ns_completion() {\n  eval $(env _TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" _LAGO_NS_COMPLETE=complete_zsh lago-ns)\n}\n\ncompdef _lago_ns_completion lago-ns\n\n',
    'fish': 'complete --command lago-ns --no-files --arguments "(env _LAGO_NS_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args _TYPER_COMPLETE_ARGS=(commandline -cp) lago-ns)" --condition "env _LAGO_NS_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=is-args _TYPER_COMPLETE_ARGS=(commandline -cp) lago-ns"\n',
}

COMMANDS: dict[str, tuple[str, tuple[Parameter, ...]]] = {
    '': (
        'Carry customers, invoices, credit notes...',
        (
            ('--config', 'value', '', 'The configuration file [env: LAGO_NS_CONFIG].'),
            ('--profile', 'value', '', 'The profile to use [env: LAGO_NS_PROFILE].'),
            ('-v --verbose', 'flag', '', 'Say more; twice for every call.'),
            ('-q --quiet', 'flag', '', 'No progress, only results.'),
            ('--log-file', 'value', '', 'Also log to a file, one JSON object a line.'),
            ('--version', 'flag', '', 'Show the version.'),
            ('--install-completion', 'flag', '', 'Install completion for the current shell.'),
            ('--show-completion', 'flag', '', 'Show completion for the current shell, to copy it or customize the installation.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'init': (
        'Set up a profile: asks for what is not...',
        (
            ('--profile', 'value', '', 'The profile to set up.'),
            ('--lago', 'value', '', "Lago's region, or the address of your own."),
            ('--account', 'value', '', 'The NetSuite account id.'),
            ('--netsuite-url', 'value', '', "NetSuite's address, where it is not the account's own."),
            ('--auth', 'value', 'oauth2 tba', 'How to log in to NetSuite.'),
            ('--script', 'value', '', "The RESTlet's script id."),
            ('--deploy', 'value', '', 'Its deployment id.'),
            ('--credit-note-policy', 'value', 'apply_memo negative_line', 'Used-up credit: apply the memo, or a negative line as in Lago.'),
            ('--void-policy', 'value', 'hold reverse', 'Voids after posting: hold for a person, or reverse.'),
            ('--closed-period-policy', 'value', 'hold next_open', 'Closed periods: hold, or post to the next open one.'),
            ('--sync-from', 'value', '', 'The go-live date; older documents stay out.'),
            ('--default-item', 'value', '', 'The item for all that has no row of its own.'),
            ('--subsidiary', 'values', '', 'The subsidiary, of a billing entity; may be repeated.'),
            ('--default-tax-code', 'values', '', 'The tax code of taxes without a row; likewise.'),
            ('--payment-account', 'value', '', 'The account that payments go to.'),
            ('--secrets-from', 'value', '', 'Read secrets as NAME=value lines; else they are asked for.'),
            ('--env-file', 'value', '', 'Keep secrets in this private file and not in the keyring.'),
            ('--certificate-file', 'value', '', 'Write the certificate to upload here too.'),
            ('--key-type', 'value', 'ec rsa', 'The private key: EC P-256, or RSA of 3072 bits.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'demo': (
        'Start the simulator, fetch, map, sync,...',
        (
            ('--invoices', 'value', '', 'How many invoices the organization has.'),
            ('--seed', 'value', '', 'Which organization to make up.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'doctor': (
        'Check this machine, Lago and NetSuite for...',
        (
            ('--probe', 'flag', '', 'First prove by trial records whether a repeated key is refused.'),
            ('--fix', 'flag', '', 'First mend what is wrong on this machine: permissions, lease, ledger.'),
            ('--yes', 'flag', '', 'Do not ask before a probe.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'fetch-catalog': (
        'Fetch what can be mapped from Lago and...',
        (
            ('--side', 'value', 'both lago netsuite', 'Fetch from one side only.'),
            ('--push', 'flag', '', "Also store Lago's objects in NetSuite, as customrecord_lago_object."),
            ('--dry-run', 'flag', '', 'With --push: tell what would be stored, and store nothing.'),
            ('--lock', 'value', '', 'Write what was fetched to a file for version control.'),
            ('--check', 'flag', '', 'Compare with the lock (schema.lock.json, or that of --lock); exit 1 on drift.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map': (
        'Show, edit and check mappings.toml.',
        (
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map show': (
        'List every row, with names from the...',
        (
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map seed': (
        'Add the standard header and line rows that...',
        (
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map suggest': (
        'Propose rows by code, name and history,...',
        (
            ('--all', 'flag', '', 'Also for objects that an item by type serves.'),
            ('--most', 'value', '', 'Candidates for each.'),
            ('--min-score', 'value', '', 'Leave out candidates below this score.'),
            ('--yes', 'flag', '', 'Write what is exact and unambiguous; needs --min-score, never writes taxes.'),
            ('--json', 'flag', '', 'One JSON object a line; asks nothing.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map check': (
        'List every unmapped or dangling row at...',
        (
            ('--against', 'value', '', 'Also try documents of the past: 90d, 6w, 6m, 1y, or since a date.'),
            ('--from', 'value', '', 'Also run the documents of a file; Lago is not called.'),
            ('--strict --no-strict', 'flag', '', 'Let warnings count as errors (CI).'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map explain': (
        'Show each cent of a document, from fee to...',
        (
            ('', 'values', '', "Numbers or Lago ids; a payment's Lago id."),
            ('--kind', 'value', 'invoice credit-note payment', 'What they are; else each kind is tried in turn.'),
            ('--from', 'value', '', 'Read documents from a file; Lago is not called.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map set': (
        'Add or replace a row.',
        (
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map set item': (
        'Map a Lago object to a NetSuite item.',
        (
            ('', 'value', '', '<kind>:<code>, as billable_metric:api_calls.'),
            ('--to', 'value', '', "NetSuite's internal id."),
            ('--billing-entity', 'value', '', 'Only for this billing entity.'),
            ('--recognition', 'value', '', 'How revenue is recognized: point_in_time or ratable.'),
            ('--note', 'value', '', 'A remark kept with the row.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map set tax': (
        'Map a Lago tax to a NetSuite tax code;...',
        (
            ('', 'value', '', 'A Lago tax, or a set of taxes (legacy tax).'),
            ('--tax-code', 'value', '', 'The tax code.'),
            ('--tax-type', 'value', '', 'The tax type (SuiteTax).'),
            ('--nexus', 'value', '', 'The nexus (SuiteTax).'),
            ('--billing-entity', 'value', '', 'Only for this billing entity.'),
            ('--note', 'value', '', 'A remark kept with the row.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map set subsidiary': (
        'Map a billing entity to a subsidiary.',
        (
            ('', 'value', '', 'A billing entity.'),
            ('--to', 'value', '', "NetSuite's internal id."),
            ('--note', 'value', '', 'A remark kept with the row.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map set currency': (
        "Map a currency to NetSuite's currency record.",
        (
            ('', 'value', '', 'A currency code, as USD.'),
            ('--to', 'value', '', "NetSuite's internal id."),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map set terms': (
        'Map a net payment term of Lago to...',
        (
            ('', 'value', '', "Lago's net_payment_term."),
            ('--to', 'value', '', "NetSuite's internal id."),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map set payment': (
        'Say where payments go; provider and...',
        (
            ('--account', 'value', '', 'The bank account.'),
            ('--method', 'value', '', 'The payment method.'),
            ('--provider', 'value', '', 'Of this provider, as stripe.'),
            ('--currency', 'value', '', 'In this currency.'),
            ('--billing-entity', 'value', '', 'Only for this billing entity.'),
            ('--note', 'value', '', 'A remark kept with the row.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map set default': (
        'Set what holds where no row is more exact.',
        (
            ('', 'value', '', 'item, item_by_type.<type>, subsidiary, credit_note_policy, …'),
            ('--to', 'value', '', "An internal id, or a policy's name."),
            ('--billing-entity', 'value', '', 'Only for this billing entity.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map unset': (
        'Remove a row.',
        (
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map unset item': (
        'Remove an item row.',
        (
            ('', 'value', '', '<kind>:<code>, as billable_metric:api_calls.'),
            ('--billing-entity', 'value', '', 'Only for this billing entity.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map unset tax': (
        'Remove a tax row; `default` removes the...',
        (
            ('', 'value', '', 'A Lago tax, or a set of taxes (legacy tax).'),
            ('--billing-entity', 'value', '', 'Only for this billing entity.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map unset subsidiary': (
        'Remove a subsidiary row.',
        (
            ('', 'value', '', 'A billing entity.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map unset currency': (
        'Remove a currency.',
        (
            ('', 'value', '', 'A currency code, as USD.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map unset terms': (
        'Remove the terms of a number of days.',
        (
            ('', 'value', '', "Lago's net_payment_term."),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map unset payment': (
        'Remove a payment row.',
        (
            ('--provider', 'value', '', 'Of this provider.'),
            ('--currency', 'value', '', 'In this currency.'),
            ('--billing-entity', 'value', '', 'Only for this billing entity.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'map unset default': (
        'Remove a default.',
        (
            ('', 'value', '', 'As in `map set default`.'),
            ('--billing-entity', 'value', '', 'Only for this billing entity.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'sync': (
        'Carry documents from Lago into NetSuite.',
        (
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'sync customer': (
        'Bring customers to NetSuite: linked where...',
        (
            ('', 'values', '', 'Only these documents.'),
            ('--billing-entity', 'value', '', 'Of this billing entity.'),
            ('--link', 'values', '', 'The NetSuite record that a customer is; may be repeated.'),
            ('--from', 'value', '', 'Read documents from a file or stdin; Lago is not called.'),
            ('--dry-run', 'flag', '', 'Show what would be done, with -v or --json the exact records; write nothing anywhere.'),
            ('--max-changes', 'value', '', 'Write at most this many documents.'),
            ('--wait', 'value', '', 'Wait this long for a run that holds the account.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'sync invoice': (
        'Bring invoices to NetSuite, and before...',
        (
            ('', 'values', '', 'Only these documents.'),
            ('--since', 'value', '', 'Issued on this day or later.'),
            ('--until', 'value', '', 'Issued on this day or before.'),
            ('--customer', 'value', '', 'Of this customer.'),
            ('--billing-entity', 'value', '', 'Of this billing entity.'),
            ('--sweep', 'flag', '', 'Look at everything from sync_from on, not only at what is new or still open.'),
            ('--from', 'value', '', 'Read documents from a file or stdin; Lago is not called.'),
            ('--dry-run', 'flag', '', 'Show what would be done, with -v or --json the exact records; write nothing anywhere.'),
            ('--max-changes', 'value', '', 'Write at most this many documents.'),
            ('--wait', 'value', '', 'Wait this long for a run that holds the account.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'sync payment': (
        'Bring payments to NetSuite, applied to...',
        (
            ('', 'values', '', 'Only these documents.'),
            ('--since', 'value', '', 'Issued on this day or later.'),
            ('--until', 'value', '', 'Issued on this day or before.'),
            ('--customer', 'value', '', 'Of this customer.'),
            ('--sweep', 'flag', '', 'Look at everything from sync_from on, not only at what is new or still open.'),
            ('--from', 'value', '', 'Read documents from a file or stdin; Lago is not called.'),
            ('--dry-run', 'flag', '', 'Show what would be done, with -v or --json the exact records; write nothing anywhere.'),
            ('--max-changes', 'value', '', 'Write at most this many documents.'),
            ('--wait', 'value', '', 'Wait this long for a run that holds the account.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'sync credit-note': (
        'Bring credit notes to NetSuite as credit...',
        (
            ('', 'values', '', 'Only these documents.'),
            ('--since', 'value', '', 'Issued on this day or later.'),
            ('--until', 'value', '', 'Issued on this day or before.'),
            ('--customer', 'value', '', 'Of this customer.'),
            ('--billing-entity', 'value', '', 'Of this billing entity.'),
            ('--sweep', 'flag', '', 'Look at everything from sync_from on, not only at what is new or still open.'),
            ('--from', 'value', '', 'Read documents from a file or stdin; Lago is not called.'),
            ('--dry-run', 'flag', '', 'Show what would be done, with -v or --json the exact records; write nothing anywhere.'),
            ('--max-changes', 'value', '', 'Write at most this many documents.'),
            ('--wait', 'value', '', 'Wait this long for a run that holds the account.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'sync all': (
        'Bring everything that [sync] kinds names...',
        (
            ('--since', 'value', '', 'Issued on this day or later.'),
            ('--until', 'value', '', 'Issued on this day or before.'),
            ('--customer', 'value', '', 'Of this customer.'),
            ('--billing-entity', 'value', '', 'Of this billing entity.'),
            ('--sweep', 'flag', '', 'Look at everything from sync_from on, not only at what is new or still open.'),
            ('--dry-run', 'flag', '', 'Show what would be done, with -v or --json the exact records; write nothing anywhere.'),
            ('--max-changes', 'value', '', 'Write at most this many documents.'),
            ('--max-calls', 'value', '', 'Stop in good order after this many calls to NetSuite.'),
            ('--until-time', 'value', '', "Stop in good order at this time of day, by the machine's clock."),
            ('--wait', 'value', '', 'Wait this long for a run that holds the account.'),
            ('--all-profiles', 'flag', '', 'One profile of the file after the other; none stops the others.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'reconcile': (
        'Compare Lago with NetSuite, and account...',
        (
            ('', 'value', 'customer invoice credit-note payment all revrec', 'Which documents to compare; revrec: revenue elements and plans with what was billed.'),
            ('--period', 'value', '', 'A month (2026-10), a quarter (2026-Q3) or a year (2026).'),
            ('--since', 'value', '', 'Dated on this day or later.'),
            ('--until', 'value', '', 'Dated on this day or before.'),
            ('--billing-entity', 'value', '', 'Of this billing entity.'),
            ('--csv', 'value', '', 'Also write the findings for a spreadsheet.'),
            ('--html', 'value', '', 'Also write a page to read or print.'),
            ('--queue-missing', 'flag', '', 'Queue what NetSuite lacks; the next sync sends it.'),
            ('--yes', 'flag', '', 'Do not ask before queueing what was posted once.'),
            ('--write-back', 'flag', '', 'First tell Lago of payments that NetSuite had first, and where documents stand there.'),
            ('--dry-run', 'flag', '', 'With --write-back: show every write; make none.'),
            ('--wait', 'value', '', 'With --queue-missing or --write-back: wait this long for another run.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'decide': (
        'Settle the differences that reconcile found.',
        (
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'decide adopt': (
        "NetSuite's state is right: it is the...",
        (
            ('', 'values', '', 'Ids as reconcile shows them; the first digits are enough.'),
            ('--finding', 'value', '', 'All that differ in this (amount, date …).'),
            ('--kind', 'value', 'customer invoice credit-note payment prepaid void', 'Only documents of this kind.'),
            ('--customer', 'value', '', 'Only of this customer (external id).'),
            ('--billing-entity', 'value', '', 'Only of this billing entity.'),
            ('--note', 'value', '', 'Why; it is asked for on a terminal.'),
            ('--yes', 'flag', '', 'Do not ask.'),
            ('--wait', 'value', '', 'Wait this long for a run that holds the account.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'decide restore': (
        "Lago's state is right: the next sync...",
        (
            ('', 'values', '', 'Ids as reconcile shows them; the first digits are enough.'),
            ('--finding', 'value', '', 'All that differ in this (amount, date …).'),
            ('--kind', 'value', 'customer invoice credit-note payment prepaid void', 'Only documents of this kind.'),
            ('--customer', 'value', '', 'Only of this customer (external id).'),
            ('--billing-entity', 'value', '', 'Only of this billing entity.'),
            ('--note', 'value', '', 'Why; it is asked for on a terminal.'),
            ('--yes', 'flag', '', 'Do not ask.'),
            ('--wait', 'value', '', 'Wait this long for a run that holds the account.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'decide ignore': (
        'The difference is known and accepted,...',
        (
            ('', 'values', '', 'Ids as reconcile shows them; the first digits are enough.'),
            ('--finding', 'value', '', 'All that differ in this (amount, date …).'),
            ('--kind', 'value', 'customer invoice credit-note payment prepaid void', 'Only documents of this kind.'),
            ('--customer', 'value', '', 'Only of this customer (external id).'),
            ('--billing-entity', 'value', '', 'Only of this billing entity.'),
            ('--until', 'value', '', 'Up to this day.'),
            ('--note', 'value', '', 'Why; it is asked for on a terminal.'),
            ('--wait', 'value', '', 'Wait this long for a run that holds the account.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'decide list': (
        'List what was decided, by whom and why.',
        (
            ('--all', 'flag', '', 'Also those that were taken back or ran out.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'decide undo': (
        'Take a decision back: the finding is open...',
        (
            ('', 'value', '', 'As list shows it.'),
            ('--note', 'value', '', 'Why; it is asked for on a terminal.'),
            ('--wait', 'value', '', 'Wait this long for a run that holds the account.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'replay': (
        'Take entries up again, after whatever held...',
        (
            ('', 'values', '', 'Numbers, Lago ids or keys.'),
            ('--held', 'flag', '', 'Those that are held.'),
            ('--in-doubt', 'flag', '', 'Those in doubt: they are looked up now.'),
            ('--waiting', 'flag', '', 'Those that wait for a parent.'),
            ('--code', 'values', '', 'Those open for this reason.'),
            ('--since', 'value', '', 'Open since this day or later.'),
            ('--as-sent', 'flag', '', "Send what was sent, instead of translating with today's mapping."),
            ('--dry-run', 'flag', '', 'List what would be taken up.'),
            ('--yes', 'flag', '', 'Do not ask.'),
            ('--wait', 'value', '', 'Wait this long for a run that holds the account.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'status': (
        'Show where every document stands, and of...',
        (
            ('--limit', 'value', '', 'Tell about at most this many documents one by one.'),
            ('--watch', 'value', '', 'On a terminal: look again every so often, until Ctrl-C.'),
            ('--prometheus', 'value', '', 'Also write metrics, for the textfile collector of a node exporter.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'history': (
        'Show the last runs: when, how long, what...',
        (
            ('--limit', 'value', '', 'The last so many.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'errors': (
        'Tell what an error code means, what to do,...',
        (
            ('', 'values', '', 'Only these codes, in full.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('--markdown', 'flag', '', 'The whole catalogue as a page of Markdown.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'audit': (
        'The trail of all that was sent, answered...',
        (
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'audit list': (
        'List entries of the trail, oldest first;...',
        (
            ('', 'value', '', 'Only of this number, Lago id or key.'),
            ('--event', 'value', 'intent outcome change fact lease prune decision restore command', 'Only of this event.'),
            ('--since', 'value', '', 'Of this day or later.'),
            ('--until', 'value', '', 'Before this day.'),
            ('--limit', 'value', '', 'The latest so many.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'audit show': (
        'Show one entry whole: what was sent or...',
        (
            ('', 'value', '', 'The number of the entry, as audit list shows it.'),
            ('--redact', 'flag', '', 'Blank names, addresses and e-mails.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'audit verify': (
        'Check that no entry was edited, deleted,...',
        (
            ('--head', 'value', '', 'A head that was noted elsewhere.'),
            ('--from', 'value', '', 'Check an export instead of the ledger.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'audit export': (
        'Write the whole trail as JSON lines, from...',
        (
            ('--output', 'value', '', 'Write a file that only you may read.'),
            ('--redact', 'flag', '', 'Blank names, addresses and e-mails.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'audit prune': (
        'Drop the contents of old entries for good;...',
        (
            ('--before', 'value', '', 'Entries before this day (UTC).'),
            ('--yes', 'flag', '', 'Do not ask.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'ledger': (
        'The ledger itself.',
        (
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'ledger rebuild': (
        'Make a lost ledger again: its history from...',
        (
            ('--from-audit', 'value', '', 'First bring back the history of an audit export.'),
            ('--wait', 'value', '', 'Wait this long for a run that holds the account.'),
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'auth': (
        'The logins to Lago and NetSuite, kept in...',
        (
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'auth login': (
        'Log in to Lago and NetSuite: secrets are...',
        (
            ('', 'value', 'all lago netsuite announce', 'lago, netsuite, announce, or all.'),
            ('--secrets-from', 'value', '', 'Read NAME=value lines from a file or standard input.'),
            ('--no-check', 'flag', '', 'Keep the secrets without trying them.'),
            ('--key-type', 'value', 'ec rsa', 'The private key: EC P-256, or RSA of 3072 bits.'),
            ('--certificate-file', 'value', '', 'Write the certificate to upload here too.'),
            ('--new-certificate', 'flag', '', 'Make another key pair, though one waits for its upload.'),
            ('--env-file', 'value', '', 'Keep secrets in this private file, for cron and CI, and not in the keyring.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'auth rotate': (
        'Exchange a login: the new one is tried...',
        (
            ('', 'value', 'all lago netsuite announce', 'lago, netsuite or announce.'),
            ('--secrets-from', 'value', '', 'Read NAME=value lines from a file or standard input.'),
            ('--key-type', 'value', 'ec rsa', 'The private key: EC P-256, or RSA of 3072 bits.'),
            ('--certificate-file', 'value', '', 'Write the certificate to upload here too.'),
            ('--new-certificate', 'flag', '', 'Make another key pair, though one waits for its upload.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'auth status': (
        'Show which secrets are there, where, since...',
        (
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'auth logout': (
        "Remove a profile's secrets from the...",
        (
            ('', 'value', 'all lago netsuite announce', 'lago, netsuite, announce, or all.'),
            ('--yes', 'flag', '', 'Do not ask.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'profile': (
        'The profiles of the configuration.',
        (
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'profile list': (
        'List every profile: its Lago, its account...',
        (
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'config': (
        'The effective settings.',
        (
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'config show': (
        'List every setting, its value, and where...',
        (
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'restlet': (
        'The RESTlet that runs in NetSuite.',
        (
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'restlet export': (
        'Write the SDF project out, ready for...',
        (
            ('', 'value', '', 'Where the SDF project goes.'),
            ('--force --no-force', 'flag', '', 'Write into a folder that is not empty.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'restlet status': (
        'Ask the deployed script who it is, and...',
        (
            ('--json', 'flag', '', 'One JSON object a line.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'simulator': (
        'A NetSuite account and a Lago organization...',
        (
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
    'simulator serve': (
        'Serve until Ctrl-C; prints one JSON line...',
        (
            ('--host', 'value', '', 'The address to listen on.'),
            ('--port', 'value', '', 'The port; 0 takes a free one.'),
            ('--state', 'value', '', "Keep NetSuite's records in this file."),
            ('--seed', 'value', '', 'Which organization to make up.'),
            ('--invoices', 'value', '', 'How many invoices it has.'),
            ('--customers', 'value', '', 'How many customers it has.'),
            ('--tax-regime', 'value', 'suitetax legacy', 'How the account computes tax.'),
            ('--concurrency-limit', 'value', '', 'Calls that NetSuite takes at once.'),
            ('--latency-ms', 'value', '', 'How long each call takes, at least.'),
            ('--cost-ms-per-record', 'value', '', 'How long each saved record takes.'),
            ('--other-calls', 'value', '', 'Calls that another program keeps in flight, within the same limit.'),
            ('--faults', 'value', '', 'A plan of faults, in TOML.'),
            ('--write-config', 'value', '', 'Write lago-ns.toml, mappings.toml and env for this simulator.'),
            ('--dangerously-allow-any-interface', 'flag', '', 'Listen beyond this machine, with no real security.'),
            ('-h --help', 'flag', '', 'Show this message and exit.'),
        ),
    ),
}
