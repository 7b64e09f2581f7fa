"""Values and pure functions: no I/O, clock, settings or wire models.

Imports only itself and ``lago_ns_cli.errors``.

Terms:
    document: what Lago states (a customer, an invoice, a credit note, a payment).
    record: what NetSuite should hold.
    key: the external id on the NetSuite record, ``lago:inv:<lago id>``.
    link: the NetSuite internal id of a document.
    entry: the row of a document in the ledger.
    held: needs a person.
"""
