"""With what devices begin to learn, and what is carried over between products."""
