"""Programs to try selfsame on; they know nothing of it."""
