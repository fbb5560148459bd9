"""The papers of each step: composed from redacted facts by a table, and written as DOCX in the form of official papers."""

from routing.documents.compose import Paper, compose, kinds
from routing.documents.word import docx

__all__ = ["Paper", "compose", "docx", "kinds"]
