"""Imports run one way, as the map in ``lago_ns_cli/__init__.py`` says."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import lago_ns_cli

ROOT = Path(lago_ns_cli.__file__).parent
PACKAGE = "lago_ns_cli"

ADAPTERS = {
    "lago",
    "netsuite",
    "ledger",
    "settings",
    "mapping_file",
    "credentials",
    "announcing",
    "connection",
    "listening",
    "reachability",
    "retries",
    "lock_file",
    "private_files",
    "redaction",
    "side_table",
    "toml_lines",
}
ALLOWED = {
    "errors": set(),
    "ahead": set(),
    "domain": {"domain", "errors"},
    "workflows": {"workflows", "domain", "errors", "ahead"},
    "simulator": {"simulator", "netsuite.suitescript"},
    "__main__": {"cli"},
    "cli": {"cli", "workflows", "domain", "errors", "simulator", "netsuite.suitescript", *ADAPTERS},
    **{name: {name, "domain", "errors", "ahead", *ADAPTERS} for name in ADAPTERS},
}


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def layer(name: str) -> str:
    return name.split(".")[0]


def imported(path: Path) -> Iterator[str]:
    """Names of our modules that a file imports, without the package's own name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
            if node.module == PACKAGE:
                names = [f"{PACKAGE}.{alias.name}" for alias in node.names]
        for name in names:
            if name.startswith(PACKAGE + "."):
                yield name.removeprefix(PACKAGE + ".")


def own_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@pytest.mark.parametrize("path", modules(), ids=own_name)
def test_imports_point_one_way(path: Path) -> None:
    """A module imports only what its layer may know."""
    mine = layer(own_name(path))
    wrong = [
        name
        for name in imported(path)
        if name != "__version__"
        and not any(name == allowed or name.startswith(allowed + ".") for allowed in ALLOWED[mine])
    ]

    assert [] == wrong


def test_every_layer_has_its_rule() -> None:
    """No module stands outside the map."""
    layers = {layer(own_name(path)) for path in modules()}

    assert layers <= ALLOWED.keys()


def test_there_is_no_import_cycle() -> None:
    """Modules can be put in an order in which each imports only earlier ones."""
    graph: dict[str, set[str]] = {own_name(path): set() for path in modules()}
    for path in modules():
        top_level = ast.parse(path.read_text("utf-8")).body
        for node in top_level:
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PACKAGE + "."):
                target = node.module.removeprefix(PACKAGE + ".")
                graph[own_name(path)] |= {
                    name
                    for name in (target, *(f"{target}.{alias.name}" for alias in node.names))
                    if name in graph and name != own_name(path)
                }
    state: dict[str, str] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert state.get(name) != "open", " → ".join((*trail, name))
        if state.get(name) == "done":
            return
        state[name] = "open"
        for target in graph[name]:
            if not (target and name.startswith(target + ".")):  # a package's own docstring module
                visit(target, (*trail, name))
        state[name] = "done"

    for name in graph:
        visit(name, ())
