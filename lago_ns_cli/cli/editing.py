"""Opens the guided editor over the mapping file."""

import asyncio

from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.render import say
from lago_ns_cli.cli.wiring import load_catalogs, open_mappings
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.mapping_file import save_mappings


def edit_mappings_in_terminal(options: Globals) -> None:
    """Let a person edit the mappings; each change is written as ``map set`` writes it.

    Raises:
        ConfigError: The file or a catalog is missing, or somebody else changed the file meanwhile.
        KeyboardInterrupt: Ctrl-C was pressed; the file is as it was saved last.
    """
    from lago_ns_cli.cli.editor.flow import Editor
    from lago_ns_cli.cli.editor.screen import Screen

    opened = open_mappings(options)
    lago, netsuite = load_catalogs(options)
    saved = 0

    def save(before: Mappings, after: Mappings) -> None:
        nonlocal saved
        save_mappings(opened.path, after, replaces=before)
        saved += 1

    editor = Editor(opened.path.name, opened.mappings, lago, netsuite, save)
    try:
        asyncio.run(Screen().run(editor.run))
    finally:
        say(f"{opened.path}: {saved or 'no'} changes saved")
    say("next: lago-ns map check")
