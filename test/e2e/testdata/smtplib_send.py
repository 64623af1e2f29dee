"""Sends messages with smtplib, octets as they are.

stdin: {"port", "tls": "none" | "starttls" | "implicit", "ca", "login", "password", "from", "to": [...],
"messages": [base64, ...]}; an empty login sends without AUTH.
"""

import base64
import json
import smtplib
import ssl
import sys

task = json.load(sys.stdin)
context = ssl.create_default_context(cafile=task["ca"])
if task["tls"] == "implicit":
    client = smtplib.SMTP_SSL("localhost", task["port"], timeout=30, context=context)
else:
    client = smtplib.SMTP("localhost", task["port"], timeout=30)
with client:
    if task["tls"] == "starttls":
        client.starttls(context=context)
    if task["login"]:
        client.login(task["login"], task["password"])
    for text in task["messages"]:
        client.sendmail(task["from"], task["to"], base64.b64decode(text), mail_options=["BODY=8BITMIME"])
