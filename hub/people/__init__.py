"""Customers: who they are, where they are found, who lives with them, and what they ask for."""
