"""Values that would do harm if they became part of a statement."""

ATTACKS = (
    "O'Hara",
    "x' OR '1'='1",
    "x'; DROP TABLE entries; --",
    '" OR ""="',
    "%",
    "_",
    "a%_b",
    "\\' OR 1=1 --",
    "\u2019 OR \u20191\u2019=\u20191",
    "x\uff07 OR 1=1",
    "/* x */ UNION SELECT 1",
    "?",
    ":key",
)

NUL = "x\0' OR 1=1"
"""What NetSuite's fields cannot hold, and a file's name neither."""
