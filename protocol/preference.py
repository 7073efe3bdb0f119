"""The learner RM: replays a person's newest visits and predicts what they want next, in integers.

Seven experts (last used; habits forgotten at three speeds; two of the time of day; the prior)
each give every value a probability; their weights follow who was right, by fixed share (Herbster
and Warmuth 1998). Two equal corrections in a row are obeyed until contradicted. The state is the
visits themselves: nothing else to keep, merge or undo. All numbers stay below 2**30 and are the
same on CPython and MicroPython.

Counts are Q8 (256 is one observation), probabilities and weights Q14 (16384 is one).
"""

from collections import namedtuple

from protocol.window import NO_DAYPART

# value: rung; confidence: Q14; why: one of WHYS
Prediction = namedtuple("Prediction", ("value", "confidence", "why"))
# how eager: weights of the experts at first, and the mass by which a rung must beat the last used
Preset = namedtuple("Preset", ("weights", "margin"))

CORRECTED, LAST, HABIT, CONTEXT, PRIOR = "corrected", "last", "habit", "context", "prior"
WHYS = (CORRECTED, LAST, HABIT, CONTEXT, PRIOR)

ONE = 16384
_UNIVERSAL = (2458, 2458, 2949, 4096, 1147, 2457, 819)
PRESETS = {
    "universal": Preset(_UNIVERSAL, 1638),
    "eager": Preset(_UNIVERSAL, 0),
    "sticky": Preset(_UNIVERSAL, 5000),
    "context": Preset((1311, 1311, 1638, 2294, 3277, 5734, 819), 800),
    "habit": Preset((819, 1311, 2785, 8192, 819, 1639, 819), 0),
}

_DECAY = (0, 128, 205, 243, 128, 243)  # Q8: what is left of older counts at each visit
_BY_DAYPART = (False, False, False, False, True, True)
_PRIOR_EXPERT = 6
_PRIOR_COUNT = 512  # Q8: the prior weighs as much as two visits
_BACKOFF_COUNT = 256  # Q8: a person's whole habit weighs one visit of this daypart
_SHARE = 16  # Q12: weight that flows back to the first weights at each visit
_FLOOR = 16  # Q14: no expert is ever quite ruled out


def prior_of(setting):
    """{rung: weight}: of 256 half on the product's default, the rest spread evenly.

    Where there are too many rungs for that, the rest stays with those that are not listed.
    """
    rungs = _likely_rungs(setting)
    start = setting.rung(setting.start)
    if not rungs:
        return {start: 128}
    share = 128 // max(len(rungs) - 1, 1)
    prior = {}
    for rung in rungs:
        if rung != start:
            prior[rung] = share
    prior[start] = 256 - sum(prior.values())
    return prior


def _likely_rungs(setting):
    if setting.kind == "colour":
        return sorted(set(setting.palette + (setting.start,)))
    low, high = setting.rungs()
    return range(low, high + 1) if high - low <= 128 else ()


def predict(history, daypart, prior, tolerance=0, bounds=None, preset=PRESETS["universal"]):
    """What the person will want now.

    history: [(rung, daypart, corrected)] oldest first; prior: {rung: weight}, what is missing to a
    sum of 256 is for rungs not listed; tolerance: rungs this near are the same; bounds: (lowest,
    highest) rung. Returns a Prediction.
    """
    experts = _Experts(prior, tolerance, preset.weights)
    last = latch = None
    streak = 0
    for rung, part, corrected in history:
        experts.learn(rung, part)
        same = last is not None and abs(last - rung) <= tolerance
        if latch is not None and abs(latch - rung) > tolerance:
            latch = None
        streak = (streak + 1 if same and streak else 1) if corrected else 0
        if streak >= 2:
            latch = rung
        last = rung
    return _answer(experts, history, daypart, last, latch, bounds, preset.margin)


class _Experts:
    def __init__(self, prior, tolerance, weights):
        self.prior = prior
        self.tolerance = tolerance
        self.first = weights
        self.weights = list(weights)
        self._pseudo = {rung: prior[rung] * _PRIOR_COUNT >> 8 for rung in prior}
        self._counts = {decay: _Counts() for decay in _DECAY}  # shared by who forgets as fast
        self._cells = {}  # (expert, daypart) -> _Counts

    def learn(self, rung, part):
        self._weigh(rung, part)
        for decay in self._counts:
            self._counts[decay].add(rung, decay)
        for expert, decay in enumerate(_DECAY):
            if _BY_DAYPART[expert] and part != NO_DAYPART:
                self._cells.setdefault((expert, part), _Counts()).add(rung, decay)

    def near(self, expert, rung, part):
        """Q14 probability of a rung and those that count as the same, as this expert sees it."""
        total = 0
        for at in range(rung - self.tolerance, rung + self.tolerance + 1):
            total += self.probability(expert, at, part)
        return total

    def probability(self, expert, rung, part):
        """Q14 probability of one rung, as this expert sees it in this daypart."""
        if expert == _PRIOR_EXPERT:
            return self.prior.get(rung, 0) << 6
        counts = self._counts[_DECAY[expert]]
        count = counts.of(rung) + self._pseudo.get(rung, 0)
        habit = (count << 14) // (_PRIOR_COUNT + counts.total)
        if not _BY_DAYPART[expert] or part == NO_DAYPART:
            return habit
        cell = self._cells.get((expert, part), _NOTHING)
        return (cell.of(rung) + (_BACKOFF_COUNT * habit >> 14) << 14) // (
            _BACKOFF_COUNT + cell.total
        )

    def mixed(self, rung, part):
        """Q14 probability of one rung, as all the experts see it."""
        mass = 0
        for expert, weight in enumerate(self.weights):
            mass += weight * self.probability(expert, rung, part) >> 14
        return mass

    def _weigh(self, rung, part):
        """Move weight to the experts that expected this rung."""
        total = 0
        for expert in range(_PRIOR_EXPERT + 1):
            likely = min(self.near(expert, rung, part) + _FLOOR, ONE)
            self.weights[expert] = self.weights[expert] * likely >> 4
            total += self.weights[expert]
        total = (total >> 9) + 1
        for expert in range(_PRIOR_EXPERT + 1):
            weight = (self.weights[expert] << 5) // total
            self.weights[expert] = weight + ((self.first[expert] - weight) * _SHARE >> 12)


class _Counts:
    """How often each rung was chosen, Q8; older counts fade."""

    def __init__(self):
        self._of = {}
        self.total = 0

    def of(self, rung):
        return self._of.get(rung, 0)

    def add(self, rung, decay):
        counts, total, gone = self._of, 0, None
        if not decay:
            counts.clear()
        for known in counts:
            counts[known] = counts[known] * decay >> 8
            total += counts[known]
            gone = gone if counts[known] else known
        if gone is not None:  # a large dict is short of room on a board
            del counts[gone]
        counts[rung] = counts.get(rung, 0) + 256
        self.total = total + 256


_NOTHING = _Counts()


def _answer(experts, history, part, last, latch, bounds, margin):
    mass = {}
    for rung in experts.prior:
        mass[rung] = experts.mixed(rung, part)
    for visit in history:
        if visit[0] not in mass:
            mass[visit[0]] = experts.mixed(visit[0], part)
    tolerance = experts.tolerance
    if latch is not None:
        return Prediction(latch, _around(mass, latch, tolerance), CORRECTED)
    best, confidence = _best(mass, tolerance, last, bounds)
    if last is not None and best != last:
        standing = _around(mass, last, tolerance)
        if confidence - standing < margin:  # never annoy: leave the last used only on evidence
            return Prediction(last, standing, LAST)
    return Prediction(best, confidence, _why(experts, part, best))


def _best(mass, tolerance, last, bounds):
    """The rung with most mass around it; ties: more of its own, then last used, then smaller."""
    best, best_key = bounds[0] if bounds else 0, (-1, 0, False)
    for rung in _candidates(mass, tolerance, bounds):
        around = _around(mass, rung, tolerance)
        if around >= best_key[0]:
            key = (around, mass.get(rung, 0), rung == last)
            if key > best_key:
                best, best_key = rung, key
    return best, max(best_key[0], 0)


def _candidates(mass, tolerance, bounds):
    """Every rung within reach of one that has mass, ascending."""
    rungs = set()
    for rung in mass:
        for at in range(rung - tolerance, rung + tolerance + 1):
            if bounds is None or bounds[0] <= at <= bounds[1]:
                rungs.add(at)
    return sorted(rungs)


def _around(mass, rung, tolerance):
    total = 0
    for at in range(rung - tolerance, rung + tolerance + 1):
        total += mass.get(at, 0)
    return total


def _why(experts, part, best):
    """Which kind of expert gave this rung most of its mass."""
    given = {LAST: 0, HABIT: 0, CONTEXT: 0, PRIOR: 0}
    for expert, weight in enumerate(experts.weights):
        given[_kind(expert)] += weight * (experts.near(expert, best, part) >> 4)
    return max((LAST, HABIT, CONTEXT, PRIOR), key=lambda why: given[why])


def _kind(expert):
    if expert == _PRIOR_EXPERT:
        return PRIOR
    if expert == 0:
        return LAST
    return CONTEXT if _BY_DAYPART[expert] else HABIT
