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

# Experts 0 to 3 know habits, 4 and 5 those of this time of day, 6 the prior
_EXPERTS = 7
_DECAYS = (0, 128, 205, 243)  # Q8, of the habits: what is left of older counts at each visit
_CONTEXTS = (0, 4, 0, 5)  # which context stands on a habit, and forgets as fast
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
    experts = _Experts(history, prior, tolerance, preset.weights)
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
    if latch is not None:
        near = range(latch - tolerance, latch + tolerance + 1)
        sure = sum([experts.mixed(rung, daypart) for rung in near])
        return Prediction(latch, sure, CORRECTED)
    return _answer(experts, daypart, last, tolerance, bounds, preset.margin)


class _Experts:
    """They answer in a list of theirs, each time the same: on a board garbage costs time."""

    def __init__(self, history, prior, tolerance, weights):
        self.prior, self._tolerance = prior, tolerance
        self._first, self.weights = weights, list(weights)
        self.places = {}  # rung that was chosen -> its place in all _Counts
        for visit in history:
            self.places.setdefault(visit[0], len(self.places))
        self._habits = [self._counts(decay) for decay in _DECAYS]
        self._contexts = {}  # daypart -> [_Counts for expert 4, for expert 5]
        self._likely = [0] * _EXPERTS

    def learn(self, rung, part):
        self._weigh(rung, part)
        place = self.places[rung]
        for counts in self._habits:
            counts.add(place)
        for counts in self._of_daypart(part):
            counts.add(place)

    def near(self, rung, part, tolerance):
        """[Q14 probability of a rung and those that count as the same], as each expert sees it."""
        for expert in range(_EXPERTS):
            self._likely[expert] = 0
        for at in range(rung - tolerance, rung + tolerance + 1):
            self._ask(at, part)
        return self._likely

    def mixed(self, rung, part):
        """Q14 probability of one rung, as all the experts see it."""
        likely, mass = self.near(rung, part, 0), 0
        for expert in range(_EXPERTS):
            mass += self.weights[expert] * likely[expert] >> 14
        return mass

    def _ask(self, rung, part):
        """Add the Q14 probability of one rung in this daypart, as each expert sees it."""
        place, prior = self.places.get(rung, -1), self.prior.get(rung, 0)
        if place < 0 and not prior:
            return
        likely, contexts = self._likely, self._of_daypart(part)
        for expert in range(len(_DECAYS)):
            habit = self._habits[expert].share(place, prior * _PRIOR_COUNT >> 8, _PRIOR_COUNT)
            likely[expert] += habit
            context = _CONTEXTS[expert]
            if context and contexts:
                backoff = _BACKOFF_COUNT * habit >> 14
                habit = contexts[context - 4].share(place, backoff, _BACKOFF_COUNT)
            if context:
                likely[context] += habit
        likely[_PRIOR_EXPERT] += prior << 6

    def _weigh(self, rung, part):
        """Move weight to the experts that expected this rung."""
        weights, likely, total = self.weights, self.near(rung, part, self._tolerance), 0
        for expert in range(_EXPERTS):
            weights[expert] = weights[expert] * min(likely[expert] + _FLOOR, ONE) >> 4
            total += weights[expert]
        total = (total >> 9) + 1
        for expert in range(_EXPERTS):
            weight = (weights[expert] << 5) // total
            weights[expert] = weight + ((self._first[expert] - weight) * _SHARE >> 12)

    def _of_daypart(self, part):
        if part == NO_DAYPART:
            return ()
        if part not in self._contexts:
            self._contexts[part] = [self._counts(_DECAYS[1]), self._counts(_DECAYS[3])]
        return self._contexts[part]

    def _counts(self, decay):
        return _Counts(decay, len(self.places))


class _Counts:
    """How often each rung was chosen, Q8; older counts fade."""

    def __init__(self, decay, places):
        self._decay = decay
        self._of = [0] * (places + 1)  # the last one is that of all that were never chosen
        self._total = 0

    def share(self, place, given, weight):
        """Q14: what part of them is in a place (-1: of none), counting what is given besides."""
        return (self._of[place] + given << 14) // (weight + self._total)

    def add(self, place):
        of, decay, total = self._of, self._decay, 256
        for at in range(len(of)):
            if of[at]:
                of[at] = of[at] * decay >> 8
                total += of[at]
        of[place] += 256
        self._total = total


def _answer(experts, part, last, tolerance, bounds, margin):
    mass = {}
    for known in (experts.prior, experts.places):
        for rung in known:
            if rung not in mass:
                mass[rung] = experts.mixed(rung, part)
    best, confidence = _best(mass, tolerance, last, bounds)
    if last is not None and best != last:
        standing = _around(mass, last, tolerance)
        if confidence - standing < margin:  # never annoy: leave the last used only on evidence
            return Prediction(last, standing, LAST)
    return Prediction(best, confidence, _why(experts, part, best, tolerance))


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
    after = None
    for rung in sorted(mass):
        for at in range(rung - tolerance, rung + tolerance + 1):
            if after is not None and at <= after:
                continue
            after = at
            if bounds is None or bounds[0] <= at <= bounds[1]:
                yield at


def _around(mass, rung, tolerance):
    total = 0
    for at in range(rung - tolerance, rung + tolerance + 1):
        total += mass.get(at, 0)
    return total


def _why(experts, part, best, tolerance):
    """Which kind of expert gave this rung most of its mass."""
    likely = experts.near(best, part, tolerance)
    given = [weight * (each >> 4) for weight, each in zip(experts.weights, likely)]
    given = (given[0], sum(given[1:4]), sum(given[4:6]), given[_PRIOR_EXPERT])
    return (LAST, HABIT, CONTEXT, PRIOR)[given.index(max(given))]
