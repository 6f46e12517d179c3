"""Which servers a mail address usually has: those of large providers, then the names that most domains use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Servers:
    """An IMAP server by TLS and a submission server with its security ("tls" or "starttls")."""

    imap_host: str
    smtp_host: str
    smtp_security: str = "starttls"
    imap_port: int = 993
    hint: str = ""


_APP_PASSWORD = "it wants an app password, made in the account's security settings"
_KNOWN = {
    ("gmail.com", "googlemail.com"): Servers("imap.gmail.com", "smtp.gmail.com", hint=_APP_PASSWORD),
    ("icloud.com", "me.com", "mac.com"): Servers("imap.mail.me.com", "smtp.mail.me.com", hint=_APP_PASSWORD),
    ("yahoo.com", "ymail.com"): Servers("imap.mail.yahoo.com", "smtp.mail.yahoo.com", "tls", hint=_APP_PASSWORD),
    ("fastmail.com", "fastmail.fm"): Servers("imap.fastmail.com", "smtp.fastmail.com", "tls", hint=_APP_PASSWORD),
    ("gmx.de", "gmx.net", "gmx.at", "gmx.ch"): Servers("imap.gmx.net", "mail.gmx.net", hint="switch IMAP on first"),
    ("web.de",): Servers("imap.web.de", "smtp.web.de", hint="switch IMAP on first"),
    ("mailbox.org",): Servers("imap.mailbox.org", "smtp.mailbox.org"),
    ("posteo.de", "posteo.net"): Servers("posteo.de", "posteo.de"),
    ("zoho.com",): Servers("imap.zoho.com", "smtp.zoho.com", "tls"),
    ("aol.com",): Servers("imap.aol.com", "smtp.aol.com", "tls", hint=_APP_PASSWORD),
}


def candidates(domain: str) -> tuple[Servers, ...]:
    """The servers to try for a domain, likeliest first."""
    for domains, servers in _KNOWN.items():
        if domain.lower() in domains:
            return (servers,)
    names = (("imap.", "smtp."), ("mail.", "mail."), ("", ""))
    return tuple(Servers(imap + domain, smtp + domain) for imap, smtp in names)
