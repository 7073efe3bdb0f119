"""Devices: how they come to the hub, what they were told, and how they are updated."""
