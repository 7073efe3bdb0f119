"""Who may do what at the hub, how they prove who they are, and what is written down of it."""
