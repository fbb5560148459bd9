"""One file a channel, behind one small protocol."""
