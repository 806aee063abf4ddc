"""The agent: the only part of selfsame inside the user's process. Imports next to nothing."""
