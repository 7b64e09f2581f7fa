"""The options that stand before every command."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Globals:
    """What was given before the command; ``verbosity`` counts ``-v``."""

    config_file: Path | None = None
    profile: str | None = None
    verbosity: int = 0
    quiet: bool = False
    log_file: Path | None = None
