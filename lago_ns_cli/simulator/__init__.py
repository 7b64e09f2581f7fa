"""A NetSuite account and a Lago organization that run on this machine.

Purpose:
    Demonstrations and tests without credentials: the deployed RESTlet runs here unchanged, against an
    account that refuses what NetSuite refuses, fed by an organization that states what Lago states.

May import:
    Only ``lago_ns_cli.simulator`` itself. The SuiteScript files of ``lago_ns_cli.netsuite`` are read as
    package data. Nothing else, so that a slip of ours is not repeated by the judge of our work.

Terms:
    *world*: the ids that both sides were set up with (``world.py``).
    *switch*: a behaviour of NetSuite that no source settles; tests run both ways.
    *fault*: a failure of the network or of NetSuite that is injected on purpose.
"""
