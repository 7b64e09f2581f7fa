"""Carries billing documents from Lago into NetSuite and proves that both sides agree.

The layers, from the outside in; imports run one way, and a test holds this map::

    cli         parse, call, render; wiring.py builds what a command needs
    workflows   what a command does, in terms of Protocols (ports.py)
    domain      values and pure functions: no I/O, clock, settings, wire models

    lago, netsuite, ledger, settings, mapping_file, lock_file, credentials, announcing,
    connection, reachability, listening, side_table
                adapters: each speaks to one thing outside and knows the domain
    simulator   a NetSuite account and a Lago organization on loopback; knows
                nothing of ours but the SuiteScript files
    errors      the error tree, known to all but the simulator
"""

__version__ = "0.1.0"
