"""The templates of the mails; a user's own folder goes before this one."""
