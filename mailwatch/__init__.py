"""mailwatch sees which coworkers still await a reply, and tells the person who owes it, kindly and in time."""

__version__ = "0.1.0"
