"""Reads the orders that a user writes in reply to our mails: a small grammar, and one table of words a language."""
