"""What ``doctor`` makes of the facts it was given: one finding a check, with its cause and its fix.

``facts`` is what can be known, ``checks`` runs checks in order, the other modules hold the checks, each a
pure judgement over the facts.
"""
