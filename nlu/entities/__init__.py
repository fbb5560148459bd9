"""Named things in a message, each kind in a file of its own; `find` brings them together."""

from nlu.entities.finding import day, find

__all__ = ["day", "find"]
