"""How a reconciliation is told: lines, JSON, a table for spreadsheets, a page. Rendering comes last, from frozen results."""
