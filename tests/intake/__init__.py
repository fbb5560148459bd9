"""The ledger keeps what it promises."""
