"""Tests, sorted by purpose; each reads like a promise."""
