"""From Lago's documents to NetSuite's records: pure, exact, total.

Imports only the domain. Internal ids are resolved before translation, so nothing here waits
for a network or a database. A document that cannot be translated raises one
``TranslationError`` that lists every problem, and is held; nothing is dropped silently.
"""
