"""Measures how fast ``lago-ns`` is, always against something that is measured beside it.

``python -m benchmarks`` runs everything and prints one table; ``README.md`` here says what each figure is.

Reading order: ``cost_model`` (what the account takes, and the best that anybody could do) → ``organization``
(the documents) → ``server`` (both sides, a process of its own) → ``stand`` (a server, a configuration and a
ledger; runs ``lago-ns`` as its users do) → the figures, a module each → ``table``.
"""
