import type { CalendarTable } from './calendar-table.ts';

/**
 * The Korea Exchange 2020–2027. It closes on public holidays (substitute ones included), on Labor Day and on the last
 * weekday of the year. Days of 2027 follow the law; the exchange announces each year's list at the end of the year before.
 */
export const xkrxTable: CalendarTable = {
  id: 'XKRX',
  name: { en: 'Korea Exchange', ko: '한국거래소' },
  timeZone: 'Asia/Seoul',
  fromDate: '2020-01-01',
  toDate: '2027-12-31',
  weekdays: [1, 2, 3, 4, 5],
  hours: [{ fromDate: '2020-01-01', open: '09:00', close: '15:30' }],
  closed: [
    {
      name: { en: "New Year's Day", ko: '신정' },
      dates: '2020-01-01 2021-01-01 2024-01-01 2025-01-01 2026-01-01 2027-01-01',
    },
    {
      name: { en: 'Seollal (Lunar New Year)', ko: '설날 연휴' },
      dates: `2020-01-24 2021-02-11 2021-02-12 2022-01-31 2022-02-01 2022-02-02 2023-01-23 2024-02-09
        2025-01-28 2025-01-29 2025-01-30 2026-02-16 2026-02-17 2026-02-18 2027-02-08`,
    },
    {
      name: { en: 'Seollal (substitute)', ko: '설날 대체공휴일' },
      dates: '2020-01-27 2023-01-24 2024-02-12 2027-02-09',
    },
    {
      name: { en: 'Independence Movement Day', ko: '3·1절' },
      dates: '2021-03-01 2022-03-01 2023-03-01 2024-03-01 2027-03-01',
    },
    {
      name: { en: 'Independence Movement Day (substitute)', ko: '3·1절 대체공휴일' },
      dates: '2025-03-03 2026-03-02',
    },
    {
      name: { en: 'National Assembly election', ko: '국회의원 선거일' },
      dates: '2020-04-15 2024-04-10',
    },
    { name: { en: 'Presidential election', ko: '대통령 선거일' }, dates: '2022-03-09 2025-06-03' },
    { name: { en: 'Local elections', ko: '전국동시지방선거일' }, dates: '2022-06-01 2026-06-03' },
    {
      name: { en: 'Labor Day', ko: '근로자의 날' },
      dates: '2020-05-01 2023-05-01 2024-05-01 2025-05-01',
    },
    // A public holiday under its older name since 2026, with substitute days.
    { name: { en: 'Labor Day', ko: '노동절' }, dates: '2026-05-01' },
    { name: { en: 'Labor Day (substitute)', ko: '노동절 대체공휴일' }, dates: '2027-05-03' },
    {
      name: { en: "Children's Day", ko: '어린이날' },
      dates: '2020-05-05 2021-05-05 2022-05-05 2023-05-05 2026-05-05 2027-05-05',
    },
    { name: { en: "Children's Day (substitute)", ko: '어린이날 대체공휴일' }, dates: '2024-05-06' },
    {
      name: { en: "Children's Day and Buddha's Birthday", ko: '어린이날·부처님오신날' },
      dates: '2025-05-05',
    },
    {
      name: {
        en: "Children's Day and Buddha's Birthday (substitute)",
        ko: '어린이날·부처님오신날 대체공휴일',
      },
      dates: '2025-05-06',
    },
    {
      name: { en: "Buddha's Birthday", ko: '부처님오신날' },
      dates: '2020-04-30 2021-05-19 2024-05-15 2027-05-13',
    },
    {
      name: { en: "Buddha's Birthday (substitute)", ko: '부처님오신날 대체공휴일' },
      dates: '2023-05-29 2026-05-25',
    },
    {
      name: { en: 'Memorial Day', ko: '현충일' },
      dates: '2022-06-06 2023-06-06 2024-06-06 2025-06-06',
    },
    // A public holiday again since 2026, with substitute days.
    { name: { en: 'Constitution Day', ko: '제헌절' }, dates: '2026-07-17' },
    { name: { en: 'Constitution Day (substitute)', ko: '제헌절 대체공휴일' }, dates: '2027-07-19' },
    {
      name: { en: 'Liberation Day', ko: '광복절' },
      dates: '2022-08-15 2023-08-15 2024-08-15 2025-08-15',
    },
    {
      name: { en: 'Liberation Day (substitute)', ko: '광복절 대체공휴일' },
      dates: '2021-08-16 2026-08-17 2027-08-16',
    },
    {
      name: { en: 'Chuseok', ko: '추석 연휴' },
      dates: `2020-09-30 2020-10-01 2020-10-02 2021-09-20 2021-09-21 2021-09-22 2022-09-09 2023-09-28
        2023-09-29 2024-09-16 2024-09-17 2024-09-18 2025-10-06 2025-10-07 2026-09-24 2026-09-25
        2027-09-14 2027-09-15 2027-09-16`,
    },
    {
      name: { en: 'Chuseok (substitute)', ko: '추석 대체공휴일' },
      dates: '2022-09-12 2025-10-08',
    },
    {
      name: { en: 'National Foundation Day', ko: '개천절' },
      dates: '2022-10-03 2023-10-03 2024-10-03 2025-10-03',
    },
    {
      name: { en: 'National Foundation Day (substitute)', ko: '개천절 대체공휴일' },
      dates: '2021-10-04 2026-10-05 2027-10-04',
    },
    {
      name: { en: 'Hangul Day', ko: '한글날' },
      dates: '2020-10-09 2023-10-09 2024-10-09 2025-10-09 2026-10-09',
    },
    {
      name: { en: 'Hangul Day (substitute)', ko: '한글날 대체공휴일' },
      dates: '2021-10-11 2022-10-10 2027-10-11',
    },
    {
      name: { en: 'Christmas Day', ko: '성탄절' },
      dates: '2020-12-25 2023-12-25 2024-12-25 2025-12-25 2026-12-25',
    },
    { name: { en: 'Christmas Day (substitute)', ko: '성탄절 대체공휴일' }, dates: '2027-12-27' },
    {
      name: { en: 'Temporary public holiday', ko: '임시공휴일' },
      dates: '2020-08-17 2023-10-02 2025-01-27',
    },
    {
      name: { en: 'Armed Forces Day (temporary public holiday)', ko: '국군의 날 임시공휴일' },
      dates: '2024-10-01',
    },
    {
      name: { en: 'Year-end closing', ko: '연말 휴장일' },
      dates: '2020-12-31 2021-12-31 2022-12-30 2023-12-29 2024-12-31 2025-12-31 2026-12-31 2027-12-31',
    },
  ],
  special: [
    {
      name: { en: 'First session of the year', ko: '연초 개장일' },
      open: '10:00',
      dates: '2020-01-02 2021-01-04 2022-01-03 2023-01-02 2024-01-02 2025-01-02 2026-01-02 2027-01-04',
    },
    {
      name: { en: 'University entrance exam day', ko: '대학수학능력시험일' },
      open: '10:00',
      close: '16:30',
      dates: '2020-12-03 2021-11-18 2022-11-17 2023-11-16 2024-11-14 2025-11-13 2026-11-19 2027-11-18',
    },
  ],
};
