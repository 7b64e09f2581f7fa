"""A Lago organization, generated from a seed and served under ``/api/v1/``.

Reading order: ``source`` (ids and draws) → ``catalog`` and ``profiles`` (what is sold, to whom) →
``schedule`` (which documents exist, and when) → ``billing`` (their amounts, by Lago's arithmetic) →
``render`` (Lago's JSON) → ``organization`` (look-ups, lists, writes) → ``app`` (HTTP).

Everything up to ``render`` is a pure function of the seed and is computed when asked for, a customer's
*chapter* (twelve documents in a row) at a time, so an organization of any size fits in little memory.
"""
