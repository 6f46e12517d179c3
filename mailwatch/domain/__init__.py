"""Pure decisions: no I/O, the moment of time is always an argument."""
