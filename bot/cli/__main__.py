"""`python -m bot.cli` is `jianting`."""

from bot.cli import main

main()
