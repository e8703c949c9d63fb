import type { CalendarTable } from './calendar-table.ts';

/** The New York Stock Exchange 2020–2027, checked against the exchange's yearly lists of holidays and early closings. */
export const xnysTable: CalendarTable = {
  id: 'XNYS',
  name: { en: 'New York Stock Exchange', ko: '뉴욕증권거래소' },
  timeZone: 'America/New_York',
  fromDate: '2020-01-01',
  toDate: '2027-12-31',
  weekdays: [1, 2, 3, 4, 5],
  hours: [{ fromDate: '2020-01-01', open: '09:30', close: '16:00' }],
  closed: [
    {
      name: { en: "New Year's Day", ko: '새해 첫날' },
      dates: '2020-01-01 2021-01-01 2024-01-01 2025-01-01 2026-01-01 2027-01-01',
    },
    { name: { en: "New Year's Day (observed)", ko: '새해 첫날 대체휴일' }, dates: '2023-01-02' },
    {
      name: { en: 'Martin Luther King, Jr. Day', ko: '마틴 루서 킹 데이' },
      dates: '2020-01-20 2021-01-18 2022-01-17 2023-01-16 2024-01-15 2025-01-20 2026-01-19 2027-01-18',
    },
    {
      name: { en: "Washington's Birthday", ko: '워싱턴 탄생일' },
      dates: '2020-02-17 2021-02-15 2022-02-21 2023-02-20 2024-02-19 2025-02-17 2026-02-16 2027-02-15',
    },
    {
      name: { en: 'Good Friday', ko: '성금요일' },
      dates: '2020-04-10 2021-04-02 2022-04-15 2023-04-07 2024-03-29 2025-04-18 2026-04-03 2027-03-26',
    },
    {
      name: { en: 'Memorial Day', ko: '메모리얼 데이' },
      dates: '2020-05-25 2021-05-31 2022-05-30 2023-05-29 2024-05-27 2025-05-26 2026-05-25 2027-05-31',
    },
    {
      // A holiday of the exchange since 2022.
      name: { en: 'Juneteenth National Independence Day', ko: '노예해방기념일' },
      dates: '2023-06-19 2024-06-19 2025-06-19 2026-06-19',
    },
    {
      name: { en: 'Juneteenth National Independence Day (observed)', ko: '노예해방기념일 대체휴일' },
      dates: '2022-06-20 2027-06-18',
    },
    {
      name: { en: 'Independence Day', ko: '독립기념일' },
      dates: '2022-07-04 2023-07-04 2024-07-04 2025-07-04',
    },
    {
      name: { en: 'Independence Day (observed)', ko: '독립기념일 대체휴일' },
      dates: '2020-07-03 2021-07-05 2026-07-03 2027-07-05',
    },
    {
      name: { en: 'Labor Day', ko: '노동절' },
      dates: '2020-09-07 2021-09-06 2022-09-05 2023-09-04 2024-09-02 2025-09-01 2026-09-07 2027-09-06',
    },
    {
      name: { en: 'Thanksgiving Day', ko: '추수감사절' },
      dates: '2020-11-26 2021-11-25 2022-11-24 2023-11-23 2024-11-28 2025-11-27 2026-11-26 2027-11-25',
    },
    {
      name: { en: 'Christmas Day', ko: '크리스마스' },
      dates: '2020-12-25 2023-12-25 2024-12-25 2025-12-25 2026-12-25',
    },
    {
      name: { en: 'Christmas Day (observed)', ko: '크리스마스 대체휴일' },
      dates: '2021-12-24 2022-12-26 2027-12-24',
    },
    {
      name: { en: 'National Day of Mourning for Jimmy Carter', ko: '지미 카터 국가 애도의 날' },
      dates: '2025-01-09',
    },
  ],
  special: [
    {
      name: { en: 'Day before Independence Day', ko: '독립기념일 전날' },
      close: '13:00',
      dates: '2023-07-03 2024-07-03 2025-07-03',
    },
    {
      name: { en: 'Day after Thanksgiving', ko: '추수감사절 다음 날' },
      close: '13:00',
      dates: '2020-11-27 2021-11-26 2022-11-25 2023-11-24 2024-11-29 2025-11-28 2026-11-27 2027-11-26',
    },
    {
      name: { en: 'Christmas Eve', ko: '크리스마스이브' },
      close: '13:00',
      dates: '2020-12-24 2024-12-24 2025-12-24 2026-12-24',
    },
  ],
};
