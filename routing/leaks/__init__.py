"""Whether a text that leaves would tell who reported: decided from the text and the reports of its case alone.

It compares with what staff may read and with nothing else: against sealed names and numbers it would be an oracle,
by which whoever writes guess after guess learns who told. Names and telephones are found by their form instead.
"""

from routing.leaks.decide import check, hidden, telling
from routing.leaks.values import Finding, Told, Verdict

__all__ = ["Finding", "Told", "Verdict", "check", "hidden", "telling"]
