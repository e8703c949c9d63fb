/** A chapter's events: name in the past tense to a JSON payload. */
export type EventMap = object;

/** The half of the bus a chapter holds: it can speak, not listen. */
export type Emit<E extends EventMap> = <K extends keyof E & string>(name: K, payload: E[K]) => void;

/** One thing that happened and was committed; a check of the name tells what the payload is. */
export type OpsEventEnvelope<E extends EventMap> = {
  readonly [K in keyof E & string]: { readonly name: K; readonly payload: E[K] };
}[keyof E & string];

/** Hears every event of a map. */
export type EventListener<E extends EventMap> = (event: OpsEventEnvelope<E>) => void;

/**
 * Tells screens what was committed. Nothing that must happen depends on it.
 * A listener that throws is reported to `onListenerError` and never reaches the speaker.
 */
export class EventBus<E extends EventMap> {
  readonly #listeners = new Set<EventListener<E>>();
  readonly #onListenerError: (error: unknown, name: string) => void;

  constructor(onListenerError: (error: unknown, name: string) => void) {
    this.#onListenerError = onListenerError;
  }

  /** Adds a listener for every event; the returned function removes it. */
  subscribe(listener: EventListener<E>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readonly emit: Emit<E> = (name, payload) => {
    // Both come from one key, which a generic key cannot show to the compiler.
    const event = { name, payload } as OpsEventEnvelope<E>;
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#onListenerError(error, name);
      }
    }
  };
}
