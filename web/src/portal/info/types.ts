/** One page of information: a lead, then sections. */
export interface InfoPage {
  title: string;
  lead: string;
  sections: InfoSection[];
}

export interface InfoSection {
  title: string;
  text: string[];
  list?: string[];
  link?: { to: string; text: string };
}

export type InfoName = 'help' | 'phone' | 'accessibility' | 'legal' | 'guardians';

export type InfoTexts = Record<InfoName, InfoPage>;
