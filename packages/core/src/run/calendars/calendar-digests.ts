/**
 * Fingerprints of the shipped calendars: SHA-256 of the session list, as `calendarDigest` computes it. A change of a
 * table must change them on purpose; the digest of XNYS is also that of the list it was checked against.
 */
export const shippedCalendarDigests: Readonly<Record<string, string>> = {
  XKRX: '9d1d85bb59d9dedf68b163a730d28c50daa501dcaa372baf224c7b440a041a72',
  XNYS: '5ce9f047f1d323aac4c573d1ddc32d87655f45a00b5417dc3c6d25e070ac08f4',
};
