"""How well the learner does on choices that people really made, beside what else there is."""
