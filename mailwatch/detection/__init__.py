"""Reads what a message's new words ask, promise and hold back; pure, explainable and linear in its input."""
