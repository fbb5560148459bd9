"""The demo ledger: invented institutions, staff and four weeks of cases, made by the real verbs."""

from bot.demo.content import DemoRefused
from bot.demo.fill import DemoLogins, Login, fill
from bot.demo.show import report_of

__all__ = ["DemoLogins", "DemoRefused", "Login", "fill", "report_of"]
