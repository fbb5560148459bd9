"""Telegram: `channel.Telegram` is the channel, `router` its webhook.

Only the router is imported here. aiogram takes long to import, so a service without a token does without it.
"""

from bot.channels.telegram.webhook import router

__all__ = ["router"]
