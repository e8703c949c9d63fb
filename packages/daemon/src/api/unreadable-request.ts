import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { opsException, PROTOCOL_VERSION } from '@qts-ops/core/client';
import './api-errors.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';

/** So long a request may take to arrive, ms: longer than our client waits; answers and streams may take longer. */
export const READING_MS = 15_000;

const LATE = { status: 408, text: `the request did not arrive within ${READING_MS} ms` };
const WIDE = { status: 431, text: 'the headers are larger than 16 KiB' };
const WRONG = { status: 400, text: 'this is no HTTP request' };

const REASONS: Readonly<Record<string, typeof WRONG>> = {
  ERR_HTTP_REQUEST_TIMEOUT: LATE,
  HPE_HEADER_OVERFLOW: WIDE,
};

/** Answers what could not be read as a request, in the form of every other error, and ends the connection. */
export function refuseUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, text } = REASONS[error.code ?? ''] ?? WRONG;
  const requestId = randomUUID();
  const { body } = problemOf(opsException('INP-0312', text, { cause: error }), { id: requestId });
  const json = JSON.stringify({ ...body, status });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${PROBLEM_TYPE}; charset=utf-8`,
    `content-length: ${Buffer.byteLength(json)}`,
    `x-request-id: ${requestId}`,
    `x-qts-protocol: ${PROTOCOL_VERSION}`,
    'connection: close',
  ];
  // Half an end would wait for a client that does not close either.
  socket.end(`${head.join('\r\n')}\r\n\r\n${json}`, () => socket.destroy());
}
