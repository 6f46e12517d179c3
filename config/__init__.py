"""The annotated settings file and the systemd unit."""
