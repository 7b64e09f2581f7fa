"""The simulated NetSuite account: its books, its script host and its door to the network.

Purpose:
    ``account.py`` keeps the books: it validates, totals and refuses by its own arithmetic. ``script_host.py``
    runs the RESTlet on them. ``http.py`` and its neighbours check signatures, count calls and wrap answers.

May import:
    ``lago_ns_cli.simulator`` only. The modules of the books know nothing of scripts, and scripts nothing of HTTP.

Terms:
    *record group*: types that share internal ids and external ids (all transactions, all entities).
    *draft*: a record in memory, as a script edits it, before it is saved.
    *sourcing*: what NetSuite fills in by itself once a field is set (a customer brings its currency).
    *nexus*: a tax jurisdiction. *application*: an amount of a memo or payment put on an invoice.
"""
