import type { InfoTexts } from './types.ts';

/** The pages that anybody may read, in English. */
export const en: InfoTexts = {
  help: {
    title: 'Help',
    lead: 'Answers to what is asked most. This page can be read without signing in.',
    sections: [
      {
        title: 'What is my address?',
        text: [
          'Every agent gets an address on appointment, as firstname.surname@{domain}. A digit follows the name when somebody else has the same. Your address is shown on the home page once you have signed in.',
          'It will never be given to anybody else, not even after you leave. When your name changes, a new address is made and the old one goes on receiving.',
        ],
      },
      {
        title: 'What is my identifier?',
        text: [
          'The first letter of your first name followed by your surname, without accents or spaces: Claire Martin has “cmartin”, with a digit when somebody has the same. Your whole address works too.',
        ],
      },
      {
        title: 'Where do I find my NUMEN?',
        text: [
          'The NUMEN has 13 characters. Your school or the personnel department handed it to you, in person or on paper. It stands in no message, and nobody will ask you for it by mail or by phone.',
          'It is used once, to activate the account. It is not a password. After 30 days without activation it no longer opens: your head of school then hands you a one-time sheet.',
        ],
        link: { to: '/activation', text: 'Activate my account' },
      },
      {
        title: 'I have no NUMEN',
        text: ['So it is for school assistants and local authority staff. Your head of school hands you in person a one-time sheet that takes the place of the NUMEN.'],
        link: { to: '/telephone', text: 'Handover in person' },
      },
      {
        title: 'I forgot my password',
        text: [
          'A passkey, a recovery code or your personal recovery address lets you choose a new one. If you have none of the three, the helpdesk verifies who you are and gives you what you need to start again. It never sees your password.',
        ],
        link: { to: '/mot-de-passe-oublie', text: 'Choose a new password' },
      },
      {
        title: 'How do I read my mail in another program?',
        text: [
          'Under “Security”, “Devices”, make an application password for each phone or computer. It is for mail only and can be revoked alone. Incoming server: IMAP, port 993, TLS. Outgoing server: SMTP, port 465, TLS.',
        ],
      },
      {
        title: 'To, Cc or Bcc?',
        text: ['To: people whom you expect to act. Cc: people whom you inform, whose address everybody sees. Bcc: people whose address stays hidden.'],
        list: ['To a colleague who shall answer: To.', 'To your head of school for information: Cc.', 'To the parents of a class: always Bcc.'],
      },
    ],
  },
  phone: {
    title: 'By phone or in person',
    lead: 'When the pages are not enough, a person helps you, after verifying who you are.',
    sections: [
      {
        title: 'Calling the helpdesk',
        text: ['Phone: {phone}. {hours}.'],
        list: [
          'The helpdesk calls you back at the number that human resources know, or asks two questions about your administrative situation.',
          'It gives you a one-time link. It never knows your password and never asks for it.',
          'Each intervention is written into a journal that you can read under “Security”.',
        ],
      },
      {
        title: 'Getting a sheet in person',
        text: ['Without a NUMEN, or when it no longer opens, your head of school prints a sheet in your name and hands it to you in person.'],
        list: [
          'Show a proof of identity.',
          'The sheet bears your identifier and a one-time code that is valid for a short time.',
          'Type that code on the page “Activate my account”, in place of the NUMEN.',
          'Destroy the sheet after use.',
        ],
        link: { to: '/activation', text: 'Activate my account' },
      },
      {
        title: 'Without a phone or computer of your own',
        text: ['Everything can be done on any computer of the school. A passkey is not compulsory: an authenticator app or printed codes will do.'],
      },
    ],
  },
  accessibility: {
    title: 'Accessibility statement: not audited',
    lead: '{name} undertakes to make its digital services accessible, as article 47 of French law 2005-102 of 11 February 2005 requires.',
    sections: [
      {
        title: 'Compliance',
        text: [
          'The pages of the mail system have not yet been audited by a qualified person against the French accessibility standard (RGAA 4.1). They are therefore declared “not audited” (non audité): no rate of compliance can be stated.',
          'Automatic checks go with each version: keyboard alone, 400% zoom, contrast, forced colours, assistive technology. They do not replace an audit.',
        ],
      },
      { title: 'What is not accessible', text: ['Without an audit there is no list. Difficulties that are reported to us will be written here.'] },
      {
        title: 'Reporting a difficulty',
        text: ['Write to {helpdesk} or call {phone} ({hours}). You will get an answer, and another way to do it when the page cannot be mended at once.'],
      },
      {
        title: 'Appeal',
        text: ['If you reported a fault that keeps you from using the service and the answer does not satisfy you:'],
        list: [
          'write to the Defender of Rights (Défenseur des droits) by its online form;',
          'contact its delegate in your region;',
          'write, without a stamp, to: Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07.',
        ],
      },
    ],
  },
  legal: {
    title: 'Legal notice',
    lead: 'Who publishes these pages, who hosts them, and what is done with data.',
    sections: [
      { title: 'Publisher', text: ['{publisher}. Helpdesk: {helpdesk}, {phone}.'] },
      { title: 'Hosting', text: ['{host}.'] },
      {
        title: 'Personal data',
        text: [
          'The mail system processes what the public mission of the académie needs: identity and functions from human resources, messages, traces of sign-ins. Technical logs hold neither addresses nor contents.',
          'You have the right of access, correction, limitation and objection with the data protection officer: {dpo}. You may refer to the CNIL.',
        ],
      },
      {
        title: 'Cookies',
        text: ['One cookie is set when you sign in; the service needs it, and it goes when you sign out. No audience measurement, no tracker.'],
      },
    ],
  },
  guardians: {
    title: 'Rights of guardians',
    lead: 'You are the parent or guardian of a pupil: this is how your address is protected.',
    sections: [
      {
        title: 'Your address is shown to nobody',
        text: ['Schools write to you without ever communicating your address to other families. A message that would show it is stopped before it leaves.'],
      },
      {
        title: 'What is kept',
        text: ['The addresses that you gave to the school, and the pupil and class that they are for. They come from the school record and are corrected by the school office.'],
      },
      {
        title: 'Your rights',
        text: ['At any time you may:'],
        list: [
          'know what is kept about you and why;',
          'have an address corrected, or give another;',
          'withdraw the consent that you may have given for it to be visible in a certain frame, such as an association;',
          'object to messages that schooling does not need.',
        ],
        link: { to: '/mes-donnees', text: 'See what is held about you' },
      },
      {
        title: 'Whom to ask',
        text: ['The school office, or the data protection officer of the académie: {dpo}. You may refer to the CNIL. No account is needed.'],
      },
    ],
  },
};
