"""Signs in with a token by imaplib and smtplib, and is refused with a wrong one.

stdin: {"port" of imaps, "to": [port of submissions], "ca", "login", "password": the token}
"""

import imaplib
import json
import smtplib
import ssl
import sys

task = json.load(sys.stdin)
context = ssl.create_default_context(cafile=task["ca"])


def words(token):
    return f"user={task['login']}\x01auth=Bearer {token}\x01\x01"


def imap(token):
    client = imaplib.IMAP4_SSL("localhost", task["port"], ssl_context=context, timeout=30)
    client.authenticate("XOAUTH2", lambda challenge: words(token).encode() if not challenge else b"\x01")
    client.select("INBOX")
    client.logout()


def smtp(token):
    client = smtplib.SMTP_SSL("localhost", int(task["to"][0]), context=context, timeout=30)
    client.ehlo()
    client.auth("XOAUTH2", lambda challenge=None: words(token) if challenge is None else "\x01")
    client.noop()
    client.quit()


imap(task["password"])
smtp(task["password"])
for sign_in, refusal in ((imap, imaplib.IMAP4.error), (smtp, smtplib.SMTPAuthenticationError)):
    try:
        sign_in("faux")
    except refusal:
        continue
    sys.exit("a wrong token signs in")
print("ok")
