"""Invented matters and the many ways of telling them: what matching is measured on."""
