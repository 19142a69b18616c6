"""Tables in words: titles, columns, notes; the table of results and the one of two rows."""
