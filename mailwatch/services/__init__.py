"""One verb each: reads values from ports, asks a pure function, writes values to ports."""
