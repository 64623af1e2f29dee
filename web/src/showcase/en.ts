import type { ShowcaseWords } from './fr.ts';

/** The texts of the page that shows the components, in English. */
export const en: ShowcaseWords = {
  title: 'Components',
  lead: 'Every component of the pages, written once and shown here. This page exists in the demonstration only.',
  buttons: {
    title: 'Buttons', primary: 'Primary', secondary: 'Secondary', danger: 'Revoke', plain: 'Plain', busy: 'Under way…',
    toast: 'Show a message', told: 'Message saved.',
  },
  fields: {
    title: 'Fields', name: 'Name of the device', nameHint: 'For example: My phone', secret: 'Password',
    secretHint: '12 characters at least; a sentence will do.', code: 'Six-digit code', submit: 'Verify',
    wrongCode: 'This code does not fit. Wait for the next one.', needName: 'Give the device a name.',
  },
  choices: {
    title: 'Choices', legend: 'Second factor', passkey: 'Passkey (recommended)', passkeyHint: 'Finger, face or code of this device',
    totp: 'Authenticator app', later: 'Later', kept: 'I have kept my codes',
  },
  combobox: { title: 'Combobox', label: 'Subject', hint: 'Type the first letters.' },
  subjects: ['Art', 'Biology', 'English', 'French', 'Geography', 'German', 'History', 'Mathematics', 'Music', 'Physics', 'Spanish', 'Sport'],
  alerts: { title: 'Alerts', info: 'The NUMEN is used once.', success: 'Password changed.', warning: 'Two recovery codes are left.', error: 'The code has expired.' },
  menu: { title: 'Menu', label: 'Device', rename: 'Rename', revoke: 'Revoke', done: (what) => `${what}: done.` },
  dialog: { title: 'Dialog', open: 'Revoke the device', question: 'Revoke “My phone”?', text: 'It will receive no more mail.' },
  table: {
    title: 'Table', caption: 'Sessions', device: 'Device', place: 'Place', last: 'Last use', empty: 'No session.',
    rows: [['Firefox on Linux', 'Paris', 'today'], ['Phone', 'Créteil', 'yesterday']],
  },
  tabs: { title: 'Tabs', label: 'Security', password: 'Password', factors: 'Second factors', devices: 'Devices', panel: (name) => `Content: ${name}` },
  fold: { title: 'Fold', summary: 'Where do I find my NUMEN?', text: 'Your school handed it to you.' },
};
