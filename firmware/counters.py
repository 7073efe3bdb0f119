"""What a product counts: of the device since it was made, and of the visit that is going on."""


class Counters:
    """totals: of the device; uncounted: nobody known used it since the hub was last told."""

    def __init__(self, many, totals=()):
        self.totals = list(totals) + [0] * (many - len(totals))
        self.uncounted = False
        self.begin()

    def begin(self):
        """A visit begins."""
        self._visit = [0] * len(self.totals)

    def count(self, index, count, visited):
        self.totals[index] += count
        self._visit[index] += count
        self.uncounted = self.uncounted or not visited

    def of_visit(self):
        """[(index, count)] of what was counted in this visit."""
        return [(index, count) for index, count in enumerate(self._visit) if count]

    def pass_by(self):
        """It was no visit: what it counted is nobody's. No effects."""
        self.uncounted = self.uncounted or bool(self.of_visit())
        return []
