"""The rows of the error catalogue, a module for each place that codes come from.

Imports nothing but itself. ``error_catalogue`` puts the rows together and looks codes up.

Terms:
    family: what kind of trouble a code is. How it is treated follows from it alone, so that no
        two codes of a family are ever treated differently.
    group: codes that share a meaning and a remedy.
"""
