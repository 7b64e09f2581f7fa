"""A real browser, where the machine has one."""

import html
import shutil
import subprocess
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def browse(folder: Path, page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Open a page as a new user would; what it prints is the document after it was loaded, or what goes wrong."""
    assert CHROMIUM is not None
    profile = folder / "browser"
    command = [CHROMIUM, *_QUIET, f"--user-data-dir={profile}", "--enable-logging=stderr", *options]
    return subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=120, check=False)


def document(folder: Path, page: Path) -> tuple[str, str]:
    """The document as the browser has it after loading, and what its console says."""
    told = browse(folder, page, "--dump-dom", "--virtual-time-budget=2000")
    return html.unescape(told.stdout), told.stderr


def picture(folder: Path, page: Path, target: Path, *, width: int = 1240, height: int = 1754) -> None:
    """Take a picture of the page."""
    browse(folder, page, f"--screenshot={target}", f"--window-size={width},{height}")


def printed(folder: Path, page: Path, target: Path) -> None:
    """Print the page."""
    browse(folder, page, f"--print-to-pdf={target}", "--no-pdf-header-footer")
