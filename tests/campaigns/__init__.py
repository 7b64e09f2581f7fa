"""Campaigns: many seeded schedules of faults and crashes, checked against the simulator's own store.

``processes`` runs our side and kills it, ``stage`` is the world it runs in, ``schedules`` draws from a seed what
happens, ``books`` says what NetSuite ends up with, ``campaign`` puts them together; ``python -m tests.campaigns``
runs any seeds.
"""
