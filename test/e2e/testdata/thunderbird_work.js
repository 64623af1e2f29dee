// Signs in, reads the INBOX, and does what a person does with three messages. Run by Marionette in Thunderbird itself.
// arguments: CA certificate (base64 of its DER), login, password, address, port, and the marks in the subjects of the
// messages to flag, to copy to Archives and to delete. Result: {folders: {name: flags}, source: the copied message}.
const [ca, login, password, address, port, toFlag, toCopy, toDelete] = arguments;
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

// source reads a message as it is stored, one character an octet.
function source(header) {
  const uri = header.folder.getUriForMsg(header);
  return new Promise((resolve, reject) => {
    let text = "";
    MailServices.messageServiceFromURI(uri).streamMessage(
      uri,
      {
        QueryInterface: ChromeUtils.generateQI(["nsIStreamListener", "nsIRequestObserver"]),
        onStartRequest() {},
        onDataAvailable(_request, stream, _offset, count) {
          const binary = Cc["@mozilla.org/binaryinputstream;1"].createInstance(Ci.nsIBinaryInputStream);
          binary.setInputStream(stream);
          text += binary.readBytes(count);
        },
        onStopRequest(_request, status) {
          status ? reject(new Error(`message ended with ${status.toString(16)}`)) : resolve(text);
        },
      },
      null,
      null,
      false,
      "",
      false
    );
  });
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
  await until("the folders", () => root.descendants.length >= 6);
  const headerOf = mark => until(mark, () => [...inbox.messages].find(h => h.mime2DecodedSubject.includes(mark)));
  const folderOf = flag => root.getFolderWithFlags(flag);

  inbox.markMessagesFlagged([await headerOf(toFlag)], true);
  const copied = await headerOf(toCopy);
  const text = await source(copied);
  const archive = folderOf(Ci.nsMsgFolderFlags.Archive);
  await finished(l => MailServices.copy.copyMessages(inbox, [copied], archive, false, l, window.msgWindow, false));
  const deleted = await headerOf(toDelete);
  await finished(l => inbox.deleteMessages([deleted], window.msgWindow, false, false, l, false));

  const uses = { Archive: 1, Drafts: 1, Junk: 1, SentMail: 1, Trash: 1, Inbox: 1 };
  const folders = {};
  for (const use of Object.keys(uses)) {
    folders[use] = folderOf(Ci.nsMsgFolderFlags[use])?.name ?? "";
  }
  return { folders, source: text };
}

work().then(done, e => done({ error: `${e} ${e.stack}` }));
