"""What holds for all tests."""

from hypothesis import settings

# Laws say what holds, not how fast: on a loaded machine a single example may take long.
settings.register_profile("no deadlines", deadline=None)
settings.load_profile("no deadlines")
