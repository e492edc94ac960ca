"""One file per method; a new file here is all a new method needs."""
