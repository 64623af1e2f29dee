// Opens a shared box again and waits until a message whose subject holds a mark is answered, by a colleague elsewhere.
const [box, mark] = arguments;
const done = arguments[arguments.length - 1];

const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");

async function wait() {
  const server = MailServices.accounts.accounts.find(a => a.incomingServer.type == "imap").incomingServer;
  const folder = server.rootFolder.descendants.find(f => f.name == box);
  const window = Services.wm.getMostRecentWindow("mail:3pane");
  for (let n = 0; n < 100; n++) {
    try {
      folder.updateFolder(window.msgWindow); // does nothing while it is at work already
    } catch (e) {
      console.log(e);
    }
    await new Promise(resolve => setTimeout(resolve, 500));
    const header = [...folder.messages].find(h => h.mime2DecodedSubject.includes(mark));
    if (header && header.flags & Ci.nsMsgMessageFlags.Replied) {
      return {};
    }
  }
  throw new Error(`${mark} is not shown as answered`);
}

wait().then(done, e => done({ error: `${e} ${e.stack}` }));
