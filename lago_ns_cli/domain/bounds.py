"""How much one record and one call may hold."""

MOST_LINES = 1_000
"""Lines that one record is posted with: NetSuite saves more only within a script's units and time,
and its own forms do not show them. A stated limit beats a save that dies half way."""

MOST_BYTES = 9_000_000
"""Bytes of one call: NetSuite guarantees 10 MB for a string of input, less a reserve for what a
proxy or NetSuite itself may add. Source: Oracle's RESTlet governance."""
