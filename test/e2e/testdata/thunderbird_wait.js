// Waits until a message whose subject holds a mark is in the INBOX; nobody asks for it, the server tells (IDLE).
const [mark] = arguments;
const done = arguments[arguments.length - 1];

const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");

async function wait() {
  const server = MailServices.accounts.accounts.find(a => a.incomingServer.type == "imap").incomingServer;
  const inbox = server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
  for (let n = 0; n < 600; n++) {
    if ([...inbox.messages].some(h => h.mime2DecodedSubject.includes(mark))) {
      return {};
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`${mark} did not come`);
}

wait().then(done, e => done({ error: `${e} ${e.stack}` }));
