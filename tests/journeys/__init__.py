"""Whole conversations as readable YAML, played through the real machine, ear, desk and ledger."""
