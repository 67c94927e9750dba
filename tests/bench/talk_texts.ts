/** What people say in benchmarks: plain lines, marks, a list, a quote. */
export const TALK_TEXTS = [
  "The tide tables are on the board; the second column was an hour off.",
  "**Low water** is at six, see https://example.org/tides for the rest",
  "- ropes\n- two lamps\n- the `long` ladder",
  "Fine. I am at the gate until noon, then on the other side.",
  "> the second column was an hour off\n\nThat is why nobody came :)",
];
