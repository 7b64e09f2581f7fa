"""Reads Lago: its API, or its documents in a file. Writes nothing.

Imports ``domain``, ``errors``, ``connection`` and ``retries``.
"""
