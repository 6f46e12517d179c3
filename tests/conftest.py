"""Puts this folder on the path, so that tests can say `from servers.dovecot import Dovecot`."""
