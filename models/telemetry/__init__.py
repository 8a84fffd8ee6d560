"""What a run reports, how it travels to whoever listens, and what is kept of it."""
