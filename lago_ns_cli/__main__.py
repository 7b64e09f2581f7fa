"""Lets ``python -m lago_ns_cli`` stand for ``lago-ns``."""

from lago_ns_cli.cli.app import main

if __name__ == "__main__":
    main()
