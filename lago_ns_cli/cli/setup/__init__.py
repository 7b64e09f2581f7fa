"""The guided set-up behind ``lago-ns init``.

Answers (``answers``) come from options, an earlier attempt (``draft``), the file that is there, or a person
(``questions``); they end as text of a configuration file (``config_file``), mappings to begin with
(``first_mappings``) and logins that were tried. ``guide`` puts the steps in order.
"""
