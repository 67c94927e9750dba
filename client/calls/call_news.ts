import type { Participant } from "../../shared/call/call_types.ts";
import type { UserId } from "../../shared/ids.ts";

/** What screen readers are told when people come and go; null if nobody did. */
export interface CallNews {
  readonly text: string;
  /** For the chime: whoever came counts more than whoever left. */
  readonly what: "join" | "leave";
}

type People = readonly Pick<Participant, "participantId" | "userId">[];

/** Says who has joined or left between two states of the others in a call. */
export function describeNews(
  before: People,
  after: People,
  nameOf: (userId: UserId) => string,
): CallNews | null {
  const missingIn = (list: People, other: People) =>
    list.filter(({ participantId }) => !other.some((one) => one.participantId === participantId))
      .map(({ userId }) => nameOf(userId));
  const joined = missingIn(after, before);
  const left = missingIn(before, after);
  const parts = [
    ...joined.length > 0 ? [`${joined.join(", ")} joined the call`] : [],
    ...left.length > 0 ? [`${left.join(", ")} left the call`] : [],
  ];
  if (parts.length === 0) return null;
  return { text: parts.join(". "), what: joined.length > 0 ? "join" : "leave" };
}
