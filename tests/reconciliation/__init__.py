"""Both sides compared: a simulated world, discrepancies planted in it, and what a reconciliation says."""
