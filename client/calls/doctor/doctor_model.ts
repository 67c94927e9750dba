import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { CallId } from "../../../shared/ids.ts";
import type { Outputs, Trpc } from "../../net/trpc.ts";
import type { Tracks } from "../call_parts.ts";
import type { WantedDevice } from "../media/devices_model.ts";
import type { SoundContext } from "../media/sound_context.ts";
import type { Tones } from "../media/tones.ts";
import { NOTHING_FOUND } from "./findings.ts";
import type { Findings, PathFinding, ServersFinding } from "./findings.ts";
import { judgeFindings } from "./judge_findings.ts";
import type { Verdict } from "./judge_findings.ts";
import { RingTest } from "./ring_test.ts";
import { probeServer } from "./server_probe.ts";
import { withSound } from "./sound_start.ts";
import { testCall } from "./test_call.ts";
import { testCamera } from "./test_camera.ts";
import { testMicrophone } from "./test_microphone.ts";

/** What is being tested now. */
export type DoctorTest = "microphone" | "camera" | "servers" | "paths";

/** The devices that the person has chosen. */
export interface ChosenDevices {
  readonly mic: WantedDevice;
  readonly cam: WantedDevice;
}

/** A call during which everything is tested. */
export interface DoctorCall {
  /** Its credentials prove relays from end to end. */
  readonly callId: CallId;
  /** What it sends: a second capture would end the first one on some phones. */
  readonly tracks: Tracks;
}

/** Options of `DoctorModel`. */
export interface DoctorOptions {
  /** Null for somebody who is signed out, whom the server tells nothing. */
  readonly api: Pick<Trpc["calls"], "iceServers"> | null;
  /** The call that this tab is in; null if there is none. */
  readonly call: () => DoctorCall | null;
  readonly devices: () => ChosenDevices;
  readonly sounds: SoundContext;
  readonly tones: Pick<Tones, "play" | "test">;
  /** Shows a title in place of the tab's; null ends that. */
  readonly showTitle: (text: string | null) => void;
}

type IceServers = Outputs["calls"]["iceServers"]["iceServers"];

/** Tests everything that a call needs. */
export class DoctorModel implements Disposable {
  readonly #options: DoctorOptions;
  readonly #findings = signal<Findings>(NOTHING_FOUND);
  readonly #running = signal<ReadonlySet<DoctorTest>>(new Set());
  readonly #level = signal(0);
  readonly #picture = signal<MediaStreamTrack | null>(null);
  readonly #isPlaying = signal(false);
  readonly #hasPlayed = signal(false);
  readonly #end = new AbortController();
  #stop = new AbortController();

  readonly findings: ReadonlySignal<Findings> = this.#findings;
  readonly running: ReadonlySignal<ReadonlySet<DoctorTest>> = this.#running;
  /** Of the microphone, from 0 to 1, while it is tested. */
  readonly level: ReadonlySignal<number> = this.#level;
  /** Of the camera, while it is tested. */
  readonly picture: ReadonlySignal<MediaStreamTrack | null> = this.#picture;
  /** Whether the tone is playing. */
  readonly isPlaying: ReadonlySignal<boolean> = this.#isPlaying;
  /** Whether the tone was played, so that one can say whether one heard it. */
  readonly hasPlayed: ReadonlySignal<boolean> = this.#hasPlayed;
  readonly verdict: ReadonlySignal<Verdict> = computed(() => judgeFindings(this.#findings.value));

  /** Rings this device. */
  readonly ring: RingTest;

  constructor(options: DoctorOptions) {
    this.#options = options;
    this.ring = new RingTest({
      ...options,
      onAnswer: (isAnswered) => this.#found({ ring: isAnswered ? "noticed" : "missed" }),
    });
    this.#found({ support: readSupport(), notifications: readNotifications(), isOnline: navigator.onLine });
  }

  /** Tests devices and network. Call it in a click, or some browsers play and record nothing. */
  async start(): Promise<void> {
    this.#stop.abort();
    const stop = this.#stop = new AbortController();
    const { speaker, ring } = this.#findings.peek();
    this.#findings.value = {
      ...NOTHING_FOUND,
      support: readSupport(),
      notifications: readNotifications(),
      isOnline: navigator.onLine,
      speaker,
      ring,
    };
    if (this.#findings.peek().support !== "fine") return;
    try {
      // Two questions at once would lie upon each other; the network asks nothing.
      const listed = this.#testServers(stop.signal);
      const heard = this.#testMicrophone(stop.signal);
      await Promise.all([
        heard.then(() => this.#testCamera(stop.signal)),
        Promise.all([listed, heard]).then(([all]) => this.#testPaths(all, stop.signal)),
      ]);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  }

  /** Plays the tone; then the person says again whether they heard it. */
  async playTone(): Promise<void> {
    if (this.#isPlaying.peek()) return;
    this.#isPlaying.value = true;
    this.#found({ speaker: null });
    try {
      const { sounds, tones } = this.#options;
      const isPlayed = await withSound(sounds, this.#end.signal, async () => {
        await tones.test();
        return true;
      });
      if (isPlayed === true) this.#hasPlayed.value = true;
      else this.#found({ speaker: "no_output" });
    } catch {
      // The view was closed.
    } finally {
      this.#isPlaying.value = false;
    }
  }

  /** The person says whether they heard the tone. */
  answer(isHeard: boolean): void {
    this.#found({ speaker: isHeard ? "heard" : "unheard" });
  }

  /** Asks for permission to show notifications. */
  async askForNotifications(): Promise<void> {
    if (this.#findings.peek().notifications === "unsupported") return;
    await Notification.requestPermission();
    this.#found({ notifications: readNotifications() });
  }

  /** Stops all tests and releases the devices. */
  [Symbol.dispose](): void {
    this.#stop.abort();
    this.#end.abort();
    this.ring[Symbol.dispose]();
  }

  #found(part: Partial<Findings>): void {
    this.#findings.value = { ...this.#findings.peek(), ...part };
  }

  async #run<T>(test: DoctorTest, work: () => Promise<T>): Promise<T> {
    this.#running.value = new Set(this.#running.peek()).add(test);
    try {
      return await work();
    } finally {
      const others = new Set(this.#running.peek());
      others.delete(test);
      this.#running.value = others;
    }
  }

  async #testMicrophone(signal: AbortSignal): Promise<void> {
    const microphone = await this.#run("microphone", () =>
      testMicrophone({
        sounds: this.#options.sounds,
        track: this.#options.call()?.tracks.mic ?? null,
        wanted: this.#options.devices().mic,
        onLevel: (level) => this.#level.value = level,
        signal,
      }));
    signal.throwIfAborted();
    this.#found({ microphone });
  }

  async #testCamera(signal: AbortSignal): Promise<void> {
    const camera = await this.#run("camera", () =>
      testCamera({
        track: this.#options.call()?.tracks.cam ?? null,
        wanted: this.#options.devices().cam,
        onPicture: (track) => this.#picture.value = track,
        signal,
      }));
    signal.throwIfAborted();
    this.#found({ camera });
  }

  /** Finds which servers there are and whether they answer; returns them for the calls through them. */
  async #testServers(signal: AbortSignal): Promise<IceServers> {
    const { api, call } = this.#options;
    const callId = call()?.callId ?? null;
    if (api === null) {
      this.#found({ servers: { state: "signed_out" } });
      return [];
    }
    return await this.#run("servers", async () => {
      let listed: IceServers;
      try {
        ({ iceServers: listed } = await api.iceServers.query({ callId }, { signal }));
      } catch {
        signal.throwIfAborted();
        this.#found({ servers: { state: "failed" } });
        return [];
      }
      const probes = listed.flatMap((server) =>
        server.urls.map((url) => probeServer({ url, credentials: credentialsOf(server), signal }))
      );
      const servers: ServersFinding = {
        state: "tested",
        servers: await Promise.all(probes),
        hasCredentials: listed.some((server) => credentialsOf(server) !== null),
      };
      signal.throwIfAborted();
      this.#found({ servers });
      return listed;
    });
  }

  /** Calls directly, then through each relay that works, one after the other so that none slows another. */
  async #testPaths(listed: IceServers, signal: AbortSignal): Promise<void> {
    const { servers } = this.#findings.peek();
    const reached = servers?.state === "tested"
      ? servers.servers.filter((server) => server.kind === "turn" && server.state === "works")
      : [];
    await this.#run("paths", async () => {
      const paths: PathFinding[] = [await testCall({ relay: null, signal })];
      for (const { url } of reached) {
        const entry = listed.find(({ urls }) => urls.includes(url));
        const credentials = entry === undefined ? null : credentialsOf(entry);
        if (credentials !== null) paths.push(await testCall({ relay: { url, ...credentials }, signal }));
      }
      signal.throwIfAborted();
      this.#found({ paths });
    });
  }
}

function credentialsOf({ username, credential }: IceServers[number]) {
  return username === undefined || credential === undefined ? null : { username, credential };
}

function readSupport(): Findings["support"] {
  if (!globalThis.isSecureContext || navigator.mediaDevices === undefined) return "insecure";
  return "RTCPeerConnection" in globalThis ? "fine" : "no_webrtc";
}

function readNotifications(): Findings["notifications"] {
  return "Notification" in globalThis ? Notification.permission : "unsupported";
}
