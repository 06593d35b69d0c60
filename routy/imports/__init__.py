"""Records out of files: read (what a file says), guessed (which column is which field), rows, work, reversed."""
