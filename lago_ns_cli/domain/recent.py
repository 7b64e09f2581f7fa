"""What came lately, in a memory that does not grow with what comes."""

from collections import deque

MOST_REMEMBERED = 5_000


class Recent:
    """Remembers the last names.

    For the rows of Lago's lists: while a list is read, rows are pushed towards its end by new ones
    that come in above them, so a row that comes twice comes again on the pages that follow. To come
    again beyond what is remembered here, thousands of rows must be inserted between two pages. Such
    a row goes through once more and finds its entry in the ledger: nothing is sent twice. What
    must hold is only that fewer documents than this are on their way between Lago and the ledger.
    """

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._order: deque[str] = deque()
        self._known: set[str] = set()

    def is_new(self, name: str) -> bool:
        """Tell whether a name did not come lately, and remember it."""
        if name in self._known:
            return False
        self._known.add(name)
        self._order.append(name)
        if len(self._order) > self._most:
            self._known.discard(self._order.popleft())
        return True
