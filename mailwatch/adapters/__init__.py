"""One outside thing each; adapters do not know one another."""
