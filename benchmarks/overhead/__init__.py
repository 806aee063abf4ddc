"""What watching costs, and what it sees: pyperformance's programs, plain and watched."""
