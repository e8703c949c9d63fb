/** A day on which a shipped calendar differs, on purpose, from the session list it was checked against. */
export interface CalendarCorrection {
  readonly calendarId: string;
  readonly date: string;
  /** Hours in UTC in the list of July 2026. */
  readonly listed: string;
  /** Hours in UTC in our table, or `closed`. */
  readonly corrected: string;
  readonly why: string;
  /** Where the reader can check it. */
  readonly source: string;
  /** `announced`: the day itself is official. `expected`: it follows from a rule, the exchange's own list is not out yet. */
  readonly certainty: 'announced' | 'expected';
}

/** Every such day; the tests apply them to the list and demand that nothing else differs. */
export const calendarCorrections: readonly CalendarCorrection[] = [
  {
    calendarId: 'XKRX',
    date: '2026-07-17',
    listed: '00:00-06:30',
    corrected: 'closed',
    why: 'Constitution Day is a public holiday again, and the exchange closes on public holidays.',
    source:
      'Public Holidays Act (공휴일에 관한 법률), amendment passed 29 January 2026, promulgated 10 February 2026, in force three months later.',
    certainty: 'announced',
  },
  {
    calendarId: 'XKRX',
    date: '2026-11-19',
    listed: '00:00-06:30',
    corrected: '01:00-07:30',
    why: 'University entrance exam day: the exchange opens and closes one hour late, 10:00 to 16:30.',
    source:
      'Ministry of Education, 16 August 2024: the exam for the 2027 academic year is on 19 November 2026; Korea Exchange notices of every exam day 2016 to 2025.',
    certainty: 'announced',
  },
  {
    calendarId: 'XKRX',
    date: '2027-07-19',
    listed: '00:00-06:30',
    corrected: 'closed',
    why: 'Substitute holiday: Constitution Day of 2027 is a Saturday.',
    source:
      'Public Holidays Act as amended in 2026; substitute days of national holidays under the Regulations on Holidays of Public Agencies (관공서의 공휴일에 관한 규정).',
    certainty: 'expected',
  },
  {
    calendarId: 'XKRX',
    date: '2027-11-18',
    listed: '00:00-06:30',
    corrected: '01:00-07:30',
    why: 'University entrance exam day: the exchange opens and closes one hour late, 10:00 to 16:30.',
    source:
      'Ministry of Education, May 2025: the exam for the 2028 academic year is on 18 November 2027; Korea Exchange notices of every exam day 2016 to 2025.',
    certainty: 'expected',
  },
];
