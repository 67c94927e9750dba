import { describe, expect, it } from "vitest";
import type { FeedStage } from "../../../server/streams/feed.ts";
import { LocalFeed } from "../../../server/streams/local_feed.ts";

describe("who hears a feed", () => {
  it("FEED19 caches hear before views and views before delivery, whoever came first", () => {
    const feed = new LocalFeed();
    const heard: string[] = [];
    const hear = (stage: FeedStage, name: string) => feed.subscribe(stage, () => void heard.push(name));
    hear("deliver", "topic");
    hear("view", "summaries");
    const forget = hear("cache", "rights");
    hear("cache", "read states");
    feed.publish({ type: "signal", row: { type: "presence_wanted" } });
    forget();
    feed.publish({ type: "signal", row: { type: "presence_wanted" } });
    expect(heard).toEqual([
      "rights",
      "read states",
      "summaries",
      "topic",
      "read states",
      "summaries",
      "topic",
    ]);
  });
});
