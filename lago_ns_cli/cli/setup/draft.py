"""Answers of an ``init`` that did not come to its end, kept beside the configuration; never a secret."""

import json
from collections.abc import Mapping
from pathlib import Path

from lago_ns_cli.cli.setup.answers import ALL, NETSUITE_URL
from lago_ns_cli.private_files import PRIVATE_FILE, create_private_folder, replace_file

_KNOWN = {question.key for question in ALL} | {NETSUITE_URL}


class Draft:
    """The answers given so far, for one profile of one file."""

    def __init__(self, config: Path, profile: str) -> None:
        self._path = config.with_name(f".{config.stem}.{profile}.init.json")

    def load(self) -> dict[str, str]:
        """Read the answers; a draft that cannot be read counts as none, since it can be asked again."""
        try:
            content = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(content, dict):
            return {}
        return {key: text for key, text in content.items() if key in _KNOWN and isinstance(text, str)}

    def save(self, answers: Mapping[str, str]) -> None:
        """Keep the answers. That they cannot be kept is no reason to stop asking."""
        kept = {key: text for key, text in answers.items() if key in _KNOWN}
        try:
            create_private_folder(self._path.parent)
            replace_file(self._path, json.dumps(kept, indent=1).encode(), mode=PRIVATE_FILE)
        except OSError:
            pass

    def drop(self) -> None:
        """Forget the answers: they stand in the configuration now."""
        self._path.unlink(missing_ok=True)
