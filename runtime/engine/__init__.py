"""The engine's process: accepts agents, keeps the living graph, runs the loop."""
