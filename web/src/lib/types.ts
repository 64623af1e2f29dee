// Written by `go test ./internal/webd -run Types -update` from the types of the server. Dates are ISO 8601.

export interface About {
  name: string;
  domain: string;
  phone: string;
  hours: string;
  helpdesk: string;
  publisher: string;
  host: string;
  dpo: string;
  demo: boolean;
}

export interface SessionInfo {
  login: string;
  display: string;
  created: string;
  must_enrol: boolean;
}

export interface SignInRequest {
  login: string;
  password: string;
  shared: boolean;
}

export interface SignInAnswer {
  signed_in: boolean;
  ticket: string;
  methods: string[];
  grid_asks: string[];
}

export interface CodeRequest {
  ticket: string;
  totp: string;
  grid: string;
  recovery: string;
  remember: boolean;
  shared: boolean;
}

export interface TicketRequest {
  ticket: string;
}

export interface TicketAnswer {
  ticket: string;
}

export interface ChallengeAnswer {
  ticket: string;
  options: unknown;
}

export interface PasskeyRequest {
  ticket: string;
  response: unknown;
  remember: boolean;
  shared: boolean;
}

export interface StepUpOptions {
  methods: string[];
  passkey: ChallengeAnswer | null;
  grid_asks: string[];
}

export interface StepUpRequest {
  password: string;
  totp: string;
  grid: string;
  recovery: string;
  passkey: unknown;
  ticket: string;
}

export interface ForgotRequest {
  login: string;
}

export interface ForgotCodeRequest {
  ticket: string;
  code: string;
}

export interface ResetRequest {
  ticket: string;
  password: string;
}

export interface ActivationRequest {
  login: string;
  numen: string;
  birth_date: string;
  sheet: string;
}

export interface ActivationState {
  step: number;
  login: string;
  display: string;
  exempt: boolean;
  due: string | null;
  protection: Protection;
}

export interface PasswordRequest {
  password: string;
}

export interface CodesAnswer {
  codes: string[];
}

export interface Protection {
  factors: Factor[];
  recovery_codes: number;
  recovery_address: string;
  due: string | null;
}

export interface Factor {
  id: number;
  kind: string;
  label: string;
  created: string;
  used: string | null;
}

export interface NewPasskeyRequest {
  ticket: string;
  label: string;
  response: unknown;
}

export interface TOTPOptions {
  ticket: string;
  secret: string;
  qr: string;
}

export interface NewTOTPRequest {
  ticket: string;
  label: string;
  code: string;
}

export interface GridAnswer {
  rows: string[][];
}

export interface AddressRequest {
  address: string;
}

export interface Card {
  login: string;
  display: string;
  address: string;
  aliases: string[];
  reference: string;
  provisional: boolean;
  until: string;
  functions: CardFunction[];
  heads: boolean;
}

export interface CardFunction {
  function: string;
  corps: string;
  uai: string;
  school: string;
  city: string;
  starts: string;
  ends: string;
  reference: string;
}

export interface Security {
  protection: Protection;
  sessions: SessionLine[];
  devices: DeviceLine[];
  app_passwords: AppPasswordLine[];
}

export interface SessionLine {
  id: number;
  created: string;
  seen: string;
  how: string;
  agent: string;
  network: string;
  current: boolean;
}

export interface DeviceLine {
  id: number;
  agent: string;
  first: string;
  seen: string;
  remembered: string | null;
}

export interface AppPasswordLine {
  id: number;
  label: string;
  created: string;
  used: string | null;
}

export interface AppPasswordRequest {
  label: string;
}

export interface AppPasswordAnswer {
  id: number;
  secret: string;
}

export interface JournalLine {
  at: string;
  what: string;
  actor: string;
  reason: string;
  agent: string;
  network: string;
}

export interface HistoryLine {
  at: string;
  text: string;
}

export interface MessageRequest {
  from: string;
  to: string[];
  cc: string[];
  bcc: string[];
  subject: string;
  text: string;
  inReplyTo: string;
  apart: boolean;
  confirmed: boolean;
}

export interface CheckAnswer {
  verdict: string;
  to: Recipient[];
  cc: Recipient[];
  bcc: Recipient[];
  concerns: Concern[];
}

export interface Recipient {
  verdict: string;
  reason: string;
  text: string;
  locked: boolean;
}

export interface Concern {
  reason: string;
  weight: string;
  text: string;
  remedies: string[];
}

export interface SentAnswer {
  delivery: string;
  concerns: Concern[];
}

export interface MailingLine {
  id: string;
  subject: string;
  at: string;
  open: boolean;
  total: number;
  waiting: number;
  reached: number;
  failed: number;
  missing: number;
  answered: number;
  recalled: number;
}

export interface MailingPerson {
  name: string;
  state: string;
  status: string;
  bounced: boolean;
}

export interface MailingReport {
  mailing: MailingLine;
  people: MailingPerson[];
}

export interface GroupPreview {
  people: MailingPerson[];
  copies: number;
  missing: number;
  bounced: number;
  print: string;
}

export interface SentLine {
  id: string;
  subject: string;
  at: string;
  here: number;
  outside: number;
}

export interface RecallAnswer {
  taken: number;
  kept: number;
  cancelled: number;
  outside: number;
}

export interface WaitingLine {
  login: string;
  display: string;
  uai: string;
  school: string;
  starts: string;
  numen_until: string | null;
  sheet_until: string | null;
}

export interface SheetRequest {
  login: string;
}

export interface SheetAnswer {
  login: string;
  display: string;
  code: string;
  expires: string;
}

export interface GroupLine {
  id: number;
  name: string;
  address: string;
  uai: string;
  holds: string;
  members: number;
  without: number;
}

export interface PupilLine {
  pupil: string;
  classes: string[];
  label: string;
  group: GroupLine;
}

export interface GroupPerson {
  name: string;
  address: string;
  reached: boolean;
  pupils: string[];
}

export interface DelegationLine {
  id: number;
  receiver: string;
  of: string;
  from: string;
  to: string;
  given_by: string;
}

export interface DelegationRequest {
  receiver: string;
  teacher: string;
  division: string;
  from: string;
  to: string;
  reason: string;
}

export interface DelegationAnswer {
  id: number;
}

export interface ForwardInfo {
  target: string;
  outside: boolean;
  until: string;
  forwarded: number;
  withheld: number;
}

export interface ForwardRequest {
  target: string;
}

export interface ConsentRequest {
  token: string;
}

export interface ConsentQuestion {
  school: string;
  frame: string;
  purpose: string;
  name: string;
  address: string;
  until: string;
  others: number;
  state: string;
  over: boolean;
}

export interface ConsentAnswer {
  token: string;
  answer: string;
}

export interface ConsentTaken {
  state: string;
}

export interface FrameLine {
  id: number;
  uai: string;
  name: string;
  purpose: string;
  until: string;
  closed: boolean;
  agreed: number;
  asked: number;
}

export interface FrameAnswer {
  frame: FrameLine;
  members: MemberLine[];
}

export interface MemberLine {
  number: number;
  name: string;
  address: string;
  state: string;
  answered: string | null;
  paper: string;
}

export interface CandidateLine {
  guardian: number;
  name: string;
  of: string;
  mail: boolean;
}

export interface NewFrameRequest {
  uai: string;
  name: string;
  purpose: string;
  until: string;
}

export interface NumberAnswer {
  number: number;
}

export interface MemberRequest {
  guardian: number;
  name: string;
  address: string;
  paper_on: string;
  kept: string;
}

export interface IncidentRequest {
  delivery: number;
  what: string;
}

export interface IncidentAnswer {
  number: number;
}

export interface HeldRequest {
  address: string;
}

export interface HeldLink {
  token: string;
}

export interface HeldAnswer {
  asOf: string;
  people: HeldPerson[];
  marks: string[];
  former: HeldFormer[];
  frames: HeldFrame[];
  received: number;
}

export interface HeldPerson {
  pupil: boolean;
  name: string;
  address: string;
  pupils: HeldPupil[];
  contact: boolean;
}

export interface HeldPupil {
  forename: string;
  school: string;
  divisions: string[];
}

export interface HeldFormer {
  school: string;
  until: string;
}

export interface HeldFrame {
  name: string;
  school: string;
  until: string;
  agreed: boolean;
}

export interface DraftLine {
  id: string;
  at: string;
  subject: string;
  reason: string;
  recipients: number;
}

export interface CorrectRequest {
  remedy: string;
}
