"""How people want to be dealt with, and all that is said to them: through one gate."""
