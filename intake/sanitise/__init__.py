"""Working copies: what staff are given of a file, rebuilt without what tells who made it, where, and with what.

Nothing here knows the ledger. A stranger's bytes are only ever taken apart in a process of their own (`process`).
"""
