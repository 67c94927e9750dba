import type { Config } from "../../server/config.ts";
import type { PushOverrides } from "../../server/create_push.ts";
import { PushService } from "./push_service.ts";
import { testApp } from "./test_app.ts";
import type { Person, TestApp, TestAppOptions } from "./test_app.ts";

/** With which push is on. */
export const PUSH_CONFIG: Partial<Config> = {
  publicUrl: "https://chat.example.org",
  pushHosts: ["fcm.googleapis.com"],
};

/** A server and the push service that it reaches. */
export class PushKit implements AsyncDisposable {
  readonly service: PushService;
  readonly app: TestApp;

  private constructor(service: PushService, app: TestApp) {
    this.service = service;
    this.app = app;
  }

  /** Starts both; failed pushes are sent again soon. */
  static async open(
    { push, config, ...options }: TestAppOptions & { push?: PushOverrides } = {},
  ): Promise<PushKit> {
    const service = new PushService();
    const app = await testApp({
      ...options,
      config: { ...PUSH_CONFIG, ...config },
      push: { fetch: service.fetch, retryAfterMs: [20, 20, 20], ...push },
    });
    return new PushKit(service, app);
  }

  /** Switches notifications on for the device of a person; the push service knows it by this name. */
  async subscribe({ api }: Pick<Person, "api">, name: string): Promise<void> {
    await api.push.subscribe.mutate({ subscription: await this.service.subscribe(name) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app[Symbol.asyncDispose]();
    await this.service[Symbol.asyncDispose]();
  }
}
