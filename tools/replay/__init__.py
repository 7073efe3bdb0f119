"""Real people's recorded choices, driven through the whole stack or through its two cores."""
