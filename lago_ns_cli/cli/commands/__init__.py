"""One file a command: parse, call, render. Heavy imports stand inside the functions."""
