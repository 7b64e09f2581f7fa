"""Speaks the contract with the RESTlet: logs in, calls, and tells what an answer means.

Imports ``domain``, ``errors``, ``connection`` and ``retries``. ``suitescript`` holds the RESTlet itself.

Terms:
    account: NetSuite's account id, ``1234567_SB1``; its host label is ``1234567-sb1``.
    envelope: the shape in which NetSuite wraps an error; there are many.
"""
