"""What each command does, told in terms of the Protocols in ``ports``.

Imports ``domain`` and ``errors``; never an adapter, a terminal or a setting. Workflows take
values and return the frozen results of ``reports``.
"""
