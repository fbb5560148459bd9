"""The ledger: what was said, by whom, kept safe. The only room that owns tables."""
