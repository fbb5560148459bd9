"""Tables that a bureau gets from elsewhere: read row by row, mapped to fields, written down; what is wrong is told."""
