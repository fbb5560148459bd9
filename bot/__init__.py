"""The door: everything that talks to people or to the operating system."""
