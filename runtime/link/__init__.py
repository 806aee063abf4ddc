"""The wire between agent and engine."""
