import { describe, expect, it } from 'vitest';
import { networkReason, resultOfAnswer, resultOfNetworkError, retryAfterToMs } from './plugin-http.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 4, 55, 4);

describe('an answer over HTTP', () => {
  it.each([
    [200, { status: 'sent' }],
    [204, { status: 'sent' }],
    [302, { status: 'rejected', scope: 'channel' }],
    [400, { status: 'rejected', scope: 'message' }],
    [401, { status: 'rejected', scope: 'channel' }],
    [403, { status: 'rejected', scope: 'channel' }],
    [404, { status: 'rejected', scope: 'channel' }],
    [408, { status: 'retry' }],
    [410, { status: 'rejected', scope: 'channel' }],
    [413, { status: 'rejected', scope: 'message' }],
    [425, { status: 'retry' }],
    [429, { status: 'retry', pauseChannel: true }],
    [500, { status: 'retry' }],
    [503, { status: 'retry' }],
  ])('%i means %o', (status, result) => {
    expect(resultOfAnswer({ status, body: '' }, NOW_MS)).toMatchObject(result);
  });

  it('pauses the channel for as long as it says', () => {
    expect(resultOfAnswer({ status: 503, body: 'busy\u001b[2J', retryAfter: '30' }, NOW_MS)).toEqual({
      status: 'retry',
      reason: 'answered 503: busy',
      retryAfterMs: 30_000,
      pauseChannel: true,
    });
  });

  it.each([
    ['0', 0],
    ['120', 120_000],
    ['Fri, 20 Nov 2026 04:56:04 GMT', 60_000],
    ['Fri, 20 Nov 2026 04:54:04 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['1e9', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('reads Retry-After %j as %j ms', (header, retryAfterMs) => {
    expect(retryAfterToMs(header, NOW_MS)).toBe(retryAfterMs);
  });
});

it('says why no answer came without a word of the error, which may hold the address', () => {
  const refused = Object.assign(new Error('connect https://planted'), { code: 'ECONNREFUSED' });
  expect(networkReason(new TypeError('fetch failed: planted', { cause: refused }))).toBe(
    'no connection (ECONNREFUSED)',
  );
  expect(networkReason(new DOMException('planted', 'TimeoutError'))).toBe(
    'no answer within the time allowed',
  );
  expect(networkReason('planted')).toBe('no connection');
});

it.each([
  ['ECONNREFUSED', false],
  ['ENOTFOUND', false],
  ['UND_ERR_CONNECT_TIMEOUT', false],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', false],
  ['ECONNRESET', true],
  ['UND_ERR_SOCKET', true],
  ['UND_ERR_HEADERS_TIMEOUT', true],
])('after %s a message may have arrived: %s', (code, mayHaveArrived) => {
  const error = new TypeError('fetch failed', { cause: Object.assign(new Error('planted'), { code }) });
  expect(resultOfNetworkError(error)).toMatchObject({ status: 'retry', mayHaveArrived });
});

it('a message whose answer did not come in time may have arrived', () => {
  const late = new DOMException('planted', 'TimeoutError');
  expect(resultOfNetworkError(late)).toMatchObject({ status: 'retry', mayHaveArrived: true });
});
