"""What systems that people have already are told of the hub: each in that system's own format."""
