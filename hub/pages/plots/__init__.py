"""What the pages draw: pure functions that say where each line goes, and words for who cannot see.

    week.week([visit["at_ms"] for visit in visits], zone)     # {{ plots.week(drawn, "lamp-week") }}
    spread.spread([("calm", 3), ("bright", 9)], 1, "visits")  # {{ plots.spread(drawn, "mood") }}
    lanes.lanes(entries, ["lamp-1"], zone, now_ms)            # {{ plots.lanes(drawn, "lanes") }}

templates/plots.html has a macro of the same name for each: the drawing with its direct labels, its
sentence, and the same as a table behind it. All are None where there is nothing to draw. The id
that a macro is given is that of its table's <details>, once on a page.
"""
