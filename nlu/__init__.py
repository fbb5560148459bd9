"""The ear: text in, meaning out. Imports nothing of ours, touches no database."""
