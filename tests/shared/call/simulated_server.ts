import type { CallAnswer, CallRequest } from "../../../shared/call/call_requests.ts";
import { CALL_LEASE_MS, RING_MS } from "../../../shared/call/call_limits.ts";
import type { Call, CallUpdate, Media, Participant, Ring } from "../../../shared/call/call_types.ts";
import type { CallId, ParticipantId, RoomId, UserId } from "../../../shared/ids.ts";

/** A device as the server knows it: a tab of a session. */
export interface Tab {
  readonly name: string;
  readonly userId: UserId;
  readonly session: string;
}

/** A refusal, with the code that the contract names. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

interface Member {
  readonly participant: Participant;
  tab: Tab;
  leaseEndsAt: number | null;
}

interface ServerRing {
  readonly by: UserId;
  readonly userId: UserId;
  readonly video: boolean;
  readonly endsAt: number;
}

interface ServerCall {
  readonly callId: CallId;
  readonly startedBy: UserId;
  readonly purpose: Call["purpose"];
  revision: number;
  nextSeq: number;
  members: Map<ParticipantId, Member>;
  rings: ServerRing[];
  wasJoined: boolean;
}

const SILENT: Media = { mic: false, cam: false, screen: false, screenAudio: false };

/** A simple model of the server in contract.md: one room with one call at a time, in memory, without storage. */
export class SimulatedServer {
  readonly roomId = "room" as RoomId;
  readonly #isDirect: boolean;
  readonly #tabs: readonly Tab[];
  readonly #push: (tab: Tab, update: CallUpdate) => void;
  #call: ServerCall | null = null;
  #count = 0;
  nowMs = 0;

  constructor(
    tabs: readonly Tab[],
    { isDirect, push }: { isDirect: boolean; push: (tab: Tab, update: CallUpdate) => void },
  ) {
    this.#tabs = tabs;
    this.#isDirect = isDirect;
    this.#push = push;
  }

  get call(): Call | null {
    return this.#call === null ? null : this.#view(this.#call);
  }

  participantOf(tab: Tab): ParticipantId | null {
    return this.#member(tab)?.[0] ?? null;
  }

  snapshot(tab: Tab): CallUpdate {
    const call = this.#call;
    const rings = call === null ? [] : call.rings.filter((ring) => ring.userId === tab.userId);
    return {
      type: "snapshot",
      calls: call === null ? [] : [this.#view(call)],
      rings: rings.map((ring) => this.#ringView(ring)),
    };
  }

  handle(tab: Tab, request: CallRequest): CallAnswer {
    switch (request.type) {
      case "start":
        return this.#start(tab, request);
      case "accept": {
        const call = this.#require(request.callId);
        const isRung = call.rings.some(({ userId }) => userId === tab.userId);
        if (!isRung && this.#member(tab) === undefined) throw new Refusal("wrong_state");
        return this.#join(tab, call, request.media);
      }
      case "join":
        return this.#join(tab, this.#require(request.callId), request.media);
      case "current":
        return { type: "current", call: this.call };
      case "leave":
        this.#requireMember(tab, request.callId);
        this.#remove(tab, null);
        return { type: "done" };
      case "decline":
        this.#endRings(this.#require(request.callId), "declined", (ring) => ring.userId === tab.userId, tab);
        return { type: "done" };
      case "cancel":
        this.#requireMember(tab, request.callId);
        this.#endRings(this.#require(request.callId), "cancelled", (ring) => ring.by === tab.userId);
        return { type: "done" };
      case "rang": {
        const call = this.#require(request.callId);
        for (const ring of call.rings.filter(({ userId }) => userId === tab.userId)) {
          this.#tell(ring.by, {
            type: "ring_state",
            callId: call.callId,
            userId: tab.userId,
            state: "ringing",
          });
        }
        return { type: "done" };
      }
      case "ring":
        this.#requireMember(tab, request.callId);
        this.#ring(this.#require(request.callId), tab, request.userId);
        return { type: "done" };
      case "media": {
        const [, member] = this.#requireMember(tab, request.callId);
        const { hand, ...media } = request.media;
        this.#set(member, { media, handSince: hand ? "2026-01-01T00:00:00Z" : null });
        return { type: "media", told: { revision: this.#call?.revision ?? 0, isMuted: false } };
      }
    }
  }

  /** A moderator switches a microphone off, or removes a participant. */
  moderate(tab: Tab, action: "mute" | "remove"): void {
    const found = this.#member(tab);
    if (found === undefined) return;
    if (action === "remove") this.#remove(tab, "kicked");
    else this.#set(found[1], { media: { ...found[1].participant.media, mic: false } });
  }

  /** A lease runs while the stream of a participant is away. */
  streamChanged(tab: Tab, isOpen: boolean): void {
    const member = this.#member(tab)?.[1];
    if (member !== undefined) member.leaseEndsAt = isOpen ? null : this.nowMs + CALL_LEASE_MS;
  }

  /** Ends rings and leases whose time has come. */
  tick(): void {
    const call = this.#call;
    if (call === null) return;
    this.#endRings(call, "missed", (ring) => ring.endsAt <= this.nowMs);
    for (const { tab, leaseEndsAt } of [...call.members.values()]) {
      if (leaseEndsAt !== null && leaseEndsAt <= this.nowMs) this.#remove(tab, null);
    }
  }

  /** Who receives a signal; null if the sender or the receiver is not in the call. */
  receiver(from: Tab, to: ParticipantId): { readonly tab: Tab; readonly from: ParticipantId } | null {
    const sender = this.#member(from);
    const member = this.#call?.members.get(to);
    return sender === undefined || member === undefined ? null : { tab: member.tab, from: sender[0] };
  }

  #start(tab: Tab, { media, ring, purpose }: Extract<CallRequest, { type: "start" }>): CallAnswer {
    if (this.#call !== null) return this.#join(tab, this.#call, media);
    this.#call = {
      callId: this.#id() as CallId,
      startedBy: tab.userId,
      purpose,
      revision: 0,
      nextSeq: 1,
      members: new Map(),
      rings: [],
      wasJoined: false,
    };
    const answer = this.#join(tab, this.#call, media);
    const others = this.#tabs.map(({ userId }) => userId).filter((userId) => userId !== tab.userId);
    const rung = purpose === "files" ? [] : this.#isDirect ? others.slice(0, 1) : ring;
    for (const userId of new Set(rung)) this.#ring(this.#call, tab, userId);
    return answer;
  }

  #join(tab: Tab, call: ServerCall, media: Pick<Media, "mic" | "cam">): CallAnswer {
    const former = [...call.members].find(([, { tab: other }]) => other.session === tab.session);
    const participantId = former?.[0] ?? this.#id() as ParticipantId;
    if (former === undefined || former[1].tab !== tab) {
      if (former !== undefined) {
        const { tab: other, participant: { seq } } = former[1];
        this.#push(other, { type: "moved", callId: call.callId, seq });
      }
      const participant: Participant = {
        participantId,
        userId: tab.userId,
        seq: call.nextSeq,
        media: { ...SILENT, ...media },
        handSince: null,
      };
      call.nextSeq += 1;
      call.members.set(participantId, { participant, tab, leaseEndsAt: null });
      call.wasJoined ||= call.members.size > 1;
      this.#changed(call);
    }
    this.#endRings(call, "accepted", (ring) => ring.userId === tab.userId, tab);
    return { type: "joined", joined: { call: this.#view(call), participantId } };
  }

  #remove(tab: Tab, reason: "kicked" | null): void {
    const call = this.#call;
    const found = this.#member(tab);
    if (call === null || found === undefined) return;
    call.members.delete(found[0]);
    this.#endRings(call, "cancelled", (ring) => ring.by === tab.userId);
    const { callId } = call;
    const ended = { type: "call_ended", callId, roomId: this.roomId, missed: !call.wasJoined } as const;
    if (call.members.size > 0 && !this.#isDirect) {
      this.#changed(call);
      if (reason !== null) this.#push(tab, { ...ended, reason });
      return;
    }
    this.#endRings(call, "cancelled", () => true);
    this.#call = null;
    for (const other of this.#tabs) this.#push(other, ended);
  }

  #ring(call: ServerCall, { userId: by }: Tab, userId: UserId): void {
    const isThere = [...call.members.values()].some(({ participant }) => participant.userId === userId);
    if (isThere || call.rings.some((ring) => ring.userId === userId)) return;
    const ring: ServerRing = { by, userId, video: false, endsAt: this.nowMs + RING_MS };
    call.rings.push(ring);
    this.#tell(userId, { type: "ring", ring: this.#ringView(ring) });
  }

  #endRings(
    call: ServerCall,
    reason: "accepted" | "declined" | "cancelled" | "missed",
    isMeant: (ring: ServerRing) => boolean,
    actor: Tab | null = null,
  ): void {
    for (const ring of call.rings.filter(isMeant)) {
      call.rings = call.rings.filter((one) => one !== ring);
      const { callId } = call;
      const { userId } = ring;
      this.#tell(ring.by, { type: "ring_ended", callId, userId, reason });
      for (const tab of this.#tabs) {
        if (tab.userId !== userId) continue;
        const isElsewhere = actor !== null && tab !== actor;
        const told = !isElsewhere
          ? reason
          : reason === "accepted"
          ? "answered_elsewhere"
          : "declined_elsewhere";
        this.#push(tab, { type: "ring_ended", callId, userId, reason: told });
      }
    }
  }

  #ringView({ by, video, endsAt }: ServerRing): Ring {
    const until = new Date(endsAt).toISOString();
    const callId = this.#call?.callId ?? "" as CallId;
    return { callId, roomId: this.roomId, by, video, until, remainingMs: endsAt - this.nowMs };
  }

  #tell(userId: UserId, update: CallUpdate): void {
    for (const tab of this.#tabs) if (tab.userId === userId) this.#push(tab, update);
  }

  #changed(call: ServerCall): void {
    call.revision += 1;
    for (const tab of this.#tabs) this.#push(tab, { type: "call_changed", call: this.#view(call) });
  }

  #set(member: Member, changes: Partial<Participant>): void {
    const call = this.#call;
    if (call === null) return;
    const participant = { ...member.participant, ...changes };
    call.members.set(participant.participantId, { ...member, participant });
    this.#changed(call);
  }

  #view({ callId, startedBy, purpose, revision, members }: ServerCall): Call {
    const participants = [...members.values()].map(({ participant }) => participant);
    const { roomId } = this;
    const startedAt = "2026-01-01T00:00:00Z";
    return { callId, roomId, startedBy, startedAt, topology: "mesh", purpose, participants, revision };
  }

  #member(tab: Tab): [ParticipantId, Member] | undefined {
    return [...this.#call?.members ?? []].find(([, member]) => member.tab === tab);
  }

  #requireMember(tab: Tab, callId: CallId): [ParticipantId, Member] {
    const call = this.#require(callId);
    const found = this.#member(tab);
    if (found !== undefined) return found;
    const isMoved = [...call.members.values()].some((member) => member.tab.session === tab.session);
    throw new Refusal(isMoved ? "call_moved" : "not_in_call");
  }

  #require(callId: CallId): ServerCall {
    if (this.#call?.callId !== callId) throw new Refusal("not_found");
    return this.#call;
  }

  #id(): string {
    this.#count += 1;
    return `id${this.#count}`;
  }
}
