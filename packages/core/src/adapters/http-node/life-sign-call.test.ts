import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { callLifeSign } from './life-sign-call.ts';

let status = 200;
const seen: string[] = [];
const server = createServer((request, response) => {
  seen.push(`${request.method} ${request.url}`);
  response.writeHead(status).end('OK');
});
let url = '';
beforeEach(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server has an address object.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/planted-secret`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

it('asks the address once and is content with any good answer', async () => {
  status = 204;
  await callLifeSign(url, new AbortController().signal);
  expect(seen).toEqual(['GET /planted-secret']);
  await callLifeSign(`${url}/start`, new AbortController().signal, 'desk: started');
  expect(seen.at(-1)).toBe('POST /planted-secret/start');
});

it('fails without naming the address', async () => {
  status = 500;
  const { signal } = new AbortController();
  await expect(callLifeSign(url, signal)).rejects.toThrow(/^answered 500$/);
  await expect(callLifeSign('http://127.0.0.1:1/planted-secret', signal)).rejects.toThrow(
    /^could not be asked(: \w+)?$/,
  );
});
