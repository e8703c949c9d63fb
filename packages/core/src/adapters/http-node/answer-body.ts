import type { IncomingMessage } from 'node:http';

/** What is known of a body that was read to its end. */
export interface BodySummary {
  /** Bytes of the whole body, also those that were dropped. */
  readonly bytes: number;
  readonly truncated: boolean;
  /** The body as a value, when it says that it is JSON and is. */
  readonly json?: unknown;
}

/**
 * Hands the first `maxBytes` of a body on as text, in whole characters, and counts the rest. The rest is still read:
 * a service that writes while it works would be cut off in the middle otherwise.
 */
export class AnswerBody {
  readonly #maxBytes: number;
  readonly #onText: (text: string) => void;
  readonly #decoder = new TextDecoder('utf-8');
  readonly #isJson: boolean;
  #bytes = 0;
  #text = '';

  constructor(answer: IncomingMessage, maxBytes: number, onText: (text: string) => void) {
    this.#maxBytes = maxBytes;
    this.#onText = onText;
    this.#isJson = /^application\/([\w.-]+\+)?json\b/i.test(answer.headers['content-type'] ?? '');
  }

  /** Bytes that have arrived. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the next piece. */
  add(chunk: Buffer): void {
    const room = Math.max(0, this.#maxBytes - this.#bytes);
    this.#bytes += chunk.length;
    if (room > 0) this.#hand(this.#decoder.decode(chunk.subarray(0, room), { stream: true }));
  }

  /** Hands on what is left, and says so when something was dropped. */
  end(): void {
    if (!this.#truncated) return this.#hand(this.#decoder.decode());
    this.#onText(`\n[${this.#bytes - this.#maxBytes} bytes more, not kept]\n`);
  }

  /** What the body was; call it after `end`. */
  summary(): BodySummary {
    const json = this.#truncated ? undefined : this.#json();
    return { bytes: this.#bytes, truncated: this.#truncated, ...(json === undefined ? {} : { json }) };
  }

  get #truncated(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  #hand(text: string): void {
    if (text === '') return;
    if (this.#isJson) this.#text += text;
    this.#onText(text);
  }

  #json(): unknown {
    if (!this.#isJson) return undefined;
    try {
      return JSON.parse(this.#text);
    } catch {
      return undefined;
    }
  }
}
