// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import { createParser } from "npm:eventsource-parser@4.1.3";
// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import type { EventSourceMessage } from "npm:eventsource-parser@4.1.3";

/** Where and how a reader begins. */
export interface StatusReaderOptions {
  readonly lastEventId?: string;
  readonly since?: string;
  /** Loopback address to dial from. */
  readonly localAddress?: string;
  /** Certificate of the server, as PEM. */
  readonly caCert?: string;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A program that reads the public events over one connection. */
export class StatusReader implements AsyncDisposable {
  readonly events: EventSourceMessage[] = [];
  readonly comments: string[] = [];
  readonly response: Response;
  /** The bytes as they came. */
  raw = "";
  retryMs: number | null = null;
  isEnded = false;
  readonly #aborter: AbortController;
  readonly #client: Deno.HttpClient | null;
  readonly #read: Promise<void>;

  private constructor(response: Response, aborter: AbortController, client: Deno.HttpClient | null) {
    this.response = response;
    this.#aborter = aborter;
    this.#client = client;
    this.#read = this.#run();
  }

  /** Dials. */
  static async open(url: string, options: StatusReaderOptions = {}): Promise<StatusReader> {
    const { lastEventId, since, localAddress, caCert, headers } = options;
    const aborter = new AbortController();
    const client = localAddress === undefined && caCert === undefined ? null : Deno.createHttpClient({
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(caCert === undefined ? {} : { caCerts: [caCert] }),
    });
    const query = since === undefined ? "" : `?since=${encodeURIComponent(since)}`;
    const response = await fetch(`${url}/status/events${query}`, {
      signal: aborter.signal,
      headers: { ...headers, ...(lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId }) },
      ...(client === null ? {} : { client }),
    });
    return new StatusReader(response, aborter, client);
  }

  /** Names of the events so far, without figures, which come at any time. */
  get names(): string[] {
    return this.events.flatMap(({ event }) => event === undefined || event === "metrics" ? [] : [event]);
  }

  /** Id of the last event that had one. */
  get lastId(): string {
    return this.events.findLast(({ id }) => id !== undefined)?.id ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#aborter.abort();
    await this.#read;
    this.#client?.close();
  }

  async #run(): Promise<void> {
    const parser = createParser({
      onEvent: (event) => void this.events.push(event),
      onRetry: (retryMs) => void (this.retryMs = retryMs),
      onComment: (comment) => void this.comments.push(comment),
    });
    try {
      for await (const text of this.response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        this.raw += text;
        parser.feed(text);
      }
      this.isEnded = true;
    } catch {
      // Aborted, or the server is gone.
    }
  }
}
