"""The conversation: a pure machine over a table of steps."""
