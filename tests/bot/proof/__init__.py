"""The proof: chain, heads, receipts, and the stranger's script."""
