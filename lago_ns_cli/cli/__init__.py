"""The command line: parse, call a workflow, render what it returns.

``wiring`` is the one place where adapters and workflows meet; ``exit_codes`` maps errors to
exit codes once; ``render`` writes for people and for programs. Command modules import what
they need inside their functions, so that ``--help`` stays quick.
"""
