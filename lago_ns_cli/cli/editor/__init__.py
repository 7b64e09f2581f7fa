"""The guided editor of ``lago-ns map``: pages to search in, drawn on a plain terminal.

``page`` holds what a page shows and how keys change it, without any terminal; ``screen`` draws it and reads keys;
``flow`` is the way through the pages; ``choices`` makes the rows of each.
"""
