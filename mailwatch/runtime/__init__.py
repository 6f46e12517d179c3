"""Runs the services at their times."""
