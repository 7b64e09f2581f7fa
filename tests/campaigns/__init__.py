"""Campaigns: many seeded schedules of faults, crashes, overlapping runs and people, checked against the simulator's own store.

``processes`` runs our side, kills it and lets it stand still, ``people`` are at work in NetSuite beside it, ``stage``
is the world it runs in, ``schedules`` draws from a seed what happens, ``books`` says what NetSuite ends up with,
``campaign`` puts them together; ``python -m tests.campaigns``
runs any seeds.
"""
