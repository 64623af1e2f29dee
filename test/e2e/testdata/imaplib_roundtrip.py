"""Appends messages with imaplib and reads them back, whole and in pieces.

stdin: {"port", "tls": "none" | "starttls" | "implicit", "ca", "login", "password", "folder", "messages": {name: base64}}
stdout: {name: {"whole": base64, "pieces": base64, "header": base64, "text": base64, "size": octets}}
"""

import base64
import imaplib
import json
import re
import ssl
import sys

# imaplib makes CRLF of every line end; here the octets themselves are the test.
imaplib.MapCRLF = re.compile(rb"(?!)")
PIECE = 70001

task = json.load(sys.stdin)
context = ssl.create_default_context(cafile=task["ca"])
if task["tls"] == "implicit":
    client = imaplib.IMAP4_SSL("localhost", task["port"], ssl_context=context, timeout=30)
else:
    client = imaplib.IMAP4("localhost", task["port"], timeout=30)
    if task["tls"] == "starttls":
        client.starttls(context)


def ok(answer):
    kind, data = answer
    if kind != "OK":
        sys.exit(f"{kind} {data}")
    return data


def fetch(uid, item):
    for part in ok(client.uid("FETCH", uid, f"(UID {item})")):
        if isinstance(part, tuple):
            return part[1]
        if b'""' in part:
            return b""
    sys.exit(f"no {item} of {uid}")


ok(client.login(task["login"], task["password"]))
ok(client.create(task["folder"]))
uids = {}
for name, text in task["messages"].items():
    answer = ok(client.append(task["folder"], r"(\Seen)", None, base64.b64decode(text)))
    uids[name] = re.search(rb"APPENDUID \d+ (\d+)", answer[0]).group(1).decode()
ok(client.select(task["folder"], readonly=True))
found = {}
for name, uid in uids.items():
    size = int(re.search(rb"RFC822\.SIZE (\d+)", ok(client.uid("FETCH", uid, "(RFC822.SIZE)"))[0]).group(1))
    found[name] = {
        "whole": fetch(uid, "BODY.PEEK[]"),
        "pieces": b"".join(fetch(uid, f"BODY.PEEK[]<{at}.{PIECE}>") for at in range(0, size, PIECE)),
        "header": fetch(uid, "BODY.PEEK[HEADER]"),
        "text": fetch(uid, "BODY.PEEK[TEXT]"),
    }
    found[name] = {k: base64.b64encode(v).decode() for k, v in found[name].items()} | {"size": size}
ok(client.close())
client.logout()
json.dump(found, sys.stdout)
