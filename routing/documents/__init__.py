"""The papers of each step: composed from redacted facts by a table, and written as DOCX in the form of official papers."""

from routing.documents.compose import Line, Paper, Table, compose, kinds
from routing.documents.word import docx, read

__all__ = ["Line", "Paper", "Table", "compose", "docx", "kinds", "read"]
