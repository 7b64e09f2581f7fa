"""Settings: what they are (``models``), where they come from (``sources``), and reading them (``loading``).

This package may import the domain, not other adapters. Secrets are no settings; see ``credentials``.
"""

from lago_ns_cli.settings.loading import LoadedSettings, Origin, load_settings
from lago_ns_cli.settings.models import Settings

__all__ = ["LoadedSettings", "Origin", "Settings", "load_settings"]
