"""The only floor that knows every adapter: settings in, working parts out.

Its modules are apart because what they import is: `mailwatch status` needs no mail library to start.
"""
