"""The store in PostgreSQL, for a hub of several workers: see store.py, and docs/cluster.md."""
