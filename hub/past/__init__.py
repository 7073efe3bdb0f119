"""What happened, as it came; all that is known follows from it, and any of it can be taken back."""
