export interface About {
  name: string; domain: string; phone: string; hours: string; helpdesk: string; publisher: string; host: string; dpo: string; demo: boolean;
}
