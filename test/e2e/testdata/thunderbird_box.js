// Signs in as a member of a shared box and works in it. Run by Marionette in Thunderbird itself.
// arguments: CA certificate (base64 of its DER), login, password, address, port, the box's login, and the marks in the
// subjects of the messages of the box to read and to move to its Archives, and of one's own to copy into the box.
// Result: {folders: {use: name of the folder that has it, with its level above where that is not the root}}.
const [ca, login, password, address, port, box, toRead, toMove, toCopy] = arguments;
const done = arguments[arguments.length - 1];

const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");

// finished resolves when a URL that start runs has ended well.
function finished(start) {
  return new Promise((resolve, reject) =>
    start({
      QueryInterface: ChromeUtils.generateQI(["nsIUrlListener", "nsIMsgCopyServiceListener"]),
      OnStartRunningUrl() {},
      OnStopRunningUrl(_url, status) {
        status ? reject(new Error(`URL ended with ${status.toString(16)}`)) : resolve();
      },
      onStartCopy() {},
      onProgress() {},
      setMessageKey() {},
      getMessageId() {},
      onStopCopy(status) {
        status ? reject(new Error(`copy ended with ${status.toString(16)}`)) : resolve();
      },
    })
  );
}

// until waits for a value that is neither false nor null.
async function until(what, value) {
  for (let n = 0; n < 600; n++) {
    const v = value();
    if (v) {
      return v;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain for ${what}`);
}

function makeAccount() {
  const server = MailServices.accounts.createIncomingServer(login, "localhost", "imap");
  server.port = Number(port);
  server.socketType = Ci.nsMsgSocketType.SSL;
  server.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
  const identity = MailServices.accounts.createIdentity();
  identity.email = address;
  const account = MailServices.accounts.createAccount();
  account.incomingServer = server;
  account.addIdentity(identity);
  return server;
}


async function work() {
  Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB).addCertFromBase64(ca, "CT,,");
  const info = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
  info.init("imap://localhost", null, "imap://localhost", login, password, "", "");
  await Services.logins.addLoginAsync(info);
  const window = await until("the window", () => Services.wm.getMostRecentWindow("mail:3pane"));
  const root = makeAccount().rootFolder;
  const inbox = await until("INBOX", () => root.descendants.find(f => f.name == "INBOX"));
  await finished(l => inbox.server.getNewMessages(inbox, window.msgWindow, l));
  const shared = await until("the box", () => root.descendants.find(f => f.name == box));
  const archive = await until("its archives", () => shared.descendants.find(f => f.name == "Archives"));
  await finished(l => shared.QueryInterface(Ci.nsIMsgImapMailFolder).updateFolderWithListener(window.msgWindow, l));
  const headerIn = (folder, mark) =>
    until(mark, () => [...folder.messages].find(h => h.mime2DecodedSubject.includes(mark)));

  shared.markMessagesRead([await headerIn(shared, toRead)], true);
  const moved = await headerIn(shared, toMove);
  await finished(l => MailServices.copy.copyMessages(shared, [moved], archive, true, l, window.msgWindow, false));
  const own = await headerIn(inbox, toCopy);
  await finished(l => MailServices.copy.copyMessages(inbox, [own], shared, false, l, window.msgWindow, false));

  const folders = {};
  for (const use of ["Archive", "Drafts", "Junk", "SentMail", "Trash", "Inbox"]) {
    const found = root.getFolderWithFlags(Ci.nsMsgFolderFlags[use]);
    folders[use] = !found ? "" : found.parent == root ? found.name : `${found.parent.name}/${found.name}`;
  }
  return { folders };
}

work().then(done, e => done({ error: `${e} ${e.stack}` }));
