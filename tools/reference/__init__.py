"""The pages of the docs that are made from the code, so that they cannot be wrong about it."""
