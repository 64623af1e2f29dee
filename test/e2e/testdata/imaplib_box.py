"""Opens a shared box as its owner, as a member and as a reader, at the same time, and gives and takes roles with ACL.

stdin: {"port", "ca", "login", "password": the owner's, "folder": the box in modified UTF-7,
        "to": [the member's login, password, the reader's login, password]}
"""

import imaplib
import json
import ssl
import sys

task = json.load(sys.stdin)
context = ssl.create_default_context(cafile=task["ca"])
box = '"' + task["folder"] + '"'
member_login, member_password, reader_login, reader_password = task["to"]


def sign_in(login, password):
    client = imaplib.IMAP4_SSL("localhost", task["port"], ssl_context=context, timeout=30)
    ok(client.login(login, password))
    return client


def ok(answer):
    kind, data = answer
    if kind != "OK":
        sys.exit(f"{kind} {data}")
    return data


def no(answer, code):
    kind, data = answer
    if kind != "NO" or code.encode() not in data[0]:
        sys.exit(f"want NO {code}, got {kind} {data}")


def want(found, wanted):
    if found != wanted:
        sys.exit(f"want {wanted}, got {found}")


owner = sign_in(task["login"], task["password"])
member = sign_in(member_login, member_password)
reader = sign_in(reader_login, reader_password)

no(member.select(box), "NONEXISTENT")
ok(owner.setacl(box, member_login, "lrswikxte"))
ok(owner.setacl(box, reader_login, "lr"))
no(owner.setacl(box, reader_login, "lrs"), "CANNOT")
acl = ok(owner.getacl(box))[0].decode()
for login, rights in ((task["login"], "lrswikxteacd"), (member_login, "lrswikxtecd"), (reader_login, "lr")):
    if f'"{login}" "{rights}"' not in acl:
        sys.exit(f"{login} has not {rights}: {acl}")
no(member.getacl(box), "NOPERM")
want(ok(reader.myrights(box))[0].decode().split()[-1], '"lr"')
want(ok(member.namespace())[0].decode(), '(("" "/")) NIL (("Bo&AO4-tes partag&AOk-es/" "/"))')
if not any(task["folder"].encode() in line for line in ok(member.list())):
    sys.exit("LIST does not show the box")

for client in (owner, member):
    ok(client.select(box))
ok(reader.select(box, readonly=True))
want(ok(owner.fetch("1", "(FLAGS)")), [b"1 (FLAGS ())"])
ok(member.fetch("1", "(BODY[TEXT])"))  # reading marks it
for client in (owner, reader):
    ok(client.noop())
    want(ok(client.fetch("1", "(FLAGS)"))[-1], b"1 (FLAGS (\\Seen))")
no(reader.store("1", "-FLAGS", r"(\Seen)"), "NOPERM")
no(reader.append(box, None, None, b"Subject: x\r\n\r\nx\r\n"), "NOPERM")
ok(reader.copy("1", "INBOX"))
ok(member.copy("1", "INBOX"))
quota = ok(member.getquotaroot(box))
if task["folder"].encode() not in quota[0][0]:
    sys.exit(f"no quota root of the box: {quota}")

ok(owner.deleteacl(box, member_login))
try:
    member.noop()
    sys.exit("who was sent away goes on")
except imaplib.IMAP4.abort:
    pass
no(sign_in(member_login, member_password).select(box), "NONEXISTENT")
