"""Do both sides agree? Pure comparison of what Lago billed with what NetSuite holds.

Terms:
    billed row: a document of Lago's, in the terms in which NetSuite should hold it.
    posted row: a record as NetSuite holds it.
    finding: a difference between the two, with both figures, its cause and what mends it.
    explained: a finding that needs nobody here: it is meant so, or ``lago-ns status`` tells of it.
    consequence: a finding that follows from another one of the same run and goes with it.
    cell: billing entity, subsidiary, currency, tax code, kind and month: a line of the tie-out.
    effect: the part of a cell's difference that a finding accounts for.

Amounts are exact decimals in major units.
"""
