"""Waits in IDLE on the socket of imaplib, which has no command for it, until a message comes.

stdin: {"port", "ca", "login", "password"}; stdout: "idling", then the untagged EXISTS.
"""

import imaplib
import json
import ssl
import sys

task = json.load(sys.stdin)
client = imaplib.IMAP4_SSL("localhost", task["port"], ssl_context=ssl.create_default_context(cafile=task["ca"]), timeout=50)
client.login(task["login"], task["password"])
client.select("INBOX")
client.send(b"x1 IDLE\r\n")
if not client.readline().startswith(b"+ "):
    sys.exit("no continuation after IDLE")
print("idling", flush=True)
line = b""
while not line.endswith(b" EXISTS\r\n"):
    line = client.readline()
    if not line:
        sys.exit("the server closed the connection")
print(line.decode().strip(), flush=True)
client.send(b"DONE\r\n")
while not line.startswith(b"x1 "):
    line = client.readline()
if not line.startswith(b"x1 OK"):
    sys.exit(line.decode())
client.logout()
