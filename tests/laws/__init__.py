"""Laws of the translation, over documents that the simulator's seeded generator bills."""
