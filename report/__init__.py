"""What people see of the living graph, of trials and of history: tables, stories, the demo's screen."""
