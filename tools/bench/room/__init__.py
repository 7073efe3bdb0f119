"""The room: real firmware, radio, broker and hub to be played with in a browser."""
