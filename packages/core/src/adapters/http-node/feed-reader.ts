import type { IncomingMessage } from 'node:http';
import type { FeedMessage } from '../../client/ops-views.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import { requireProtocol } from './http-exchange.ts';
import { parseObject } from './problem-reader.ts';

/** The longest line that is read; a snapshot is one line. */
const LINE_MAX_CHARACTERS = 32 * 1024 * 1024;

/**
 * Reads one stream of newline-delimited messages. Ends when a number is missing: the caller then opens a new stream,
 * whose snapshot holds what was lost. Throws EXT-0106 for another protocol and EXT-0105 when the engine ends it.
 */
export async function* readFeed(
  response: IncomingMessage,
  socketPath: string,
): AsyncGenerator<FeedMessage, void> {
  let lastSeq: number | undefined;
  for await (const line of linesOf(response)) {
    const message = parseMessage(line);
    if (message.kind === 'snapshot') {
      requireProtocol(message.snapshot.protocol, socketPath);
      lastSeq = message.snapshot.seq;
    } else {
      const seq = message.kind === 'beat' ? message.seq : message.delta.seq;
      const expected = message.kind === 'beat' ? lastSeq : (lastSeq ?? Number.NaN) + 1;
      if (seq !== expected) return;
      lastSeq = seq;
    }
    yield message;
  }
  throw opsException('EXT-0105', `engine at ${socketPath}: it ended the stream`, { data: { socketPath } });
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string, void> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response) {
    rest += String(chunk);
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      if (line !== '') yield line;
    }
    if (rest.length > LINE_MAX_CHARACTERS)
      throw new Error(`a line is longer than ${LINE_MAX_CHARACTERS} characters`);
  }
}

function parseMessage(line: string): FeedMessage {
  const message = parseObject(line);
  const kind = message?.['kind'];
  if (message === undefined || (kind !== 'snapshot' && kind !== 'delta' && kind !== 'beat')) {
    throw opsException('EXT-0106', `a line of the stream cannot be understood: ${line.slice(0, 80)}`);
  }
  // The protocol number was checked, and both sides take the shape from ops-views.ts.
  return message as unknown as FeedMessage;
}
