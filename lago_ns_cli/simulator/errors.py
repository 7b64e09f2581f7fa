"""What can go wrong while a simulator is set up.

SimulatorError              anything below
├── ServeError              the server cannot start as asked
└── FaultPlanError          a fault plan cannot be read
"""


class SimulatorError(Exception):
    """The simulator cannot do what was asked.

    Attributes:
        hint: What to do next, or None.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class ServeError(SimulatorError):
    """The server cannot start as asked."""


class FaultPlanError(SimulatorError):
    """A fault plan cannot be read."""
