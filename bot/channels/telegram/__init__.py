"""Telegram: the channel (`Telegram`) and its webhook (`router_for`)."""

from bot.channels.telegram.channel import Telegram, listening
from bot.channels.telegram.outgoing import InDoubt, Later, Refused
from bot.channels.telegram.pace import Pace
from bot.channels.telegram.webhook import router_for

__all__ = ["InDoubt", "Later", "Pace", "Refused", "Telegram", "listening", "router_for"]
