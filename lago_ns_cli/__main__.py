"""Lets ``python -m lago_ns_cli`` stand for ``lago-ns``."""

from lago_ns_cli.cli.quick import main

if __name__ == "__main__":
    main()
