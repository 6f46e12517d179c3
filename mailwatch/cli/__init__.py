"""The command line: thin functions that read options, call a service and print values."""
