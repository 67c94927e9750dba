const NESTING_MAX_COUNT = 12;
/** Chosen so that the slowest known texts take less than 10 ms. */
const COST_MAX_COUNT = 360;
/** Relative costs, roughly as measured. */
const COST = { line: 1, block: 2, listMarker: 3, quoteMarker: 1, bracket: 3, backtick: 2, mark: 1 } as const;
/** This many characters after a possible start of an address cost one, as do this many pairs. */
const ADDRESS_STEP_CHARACTERS = 100;
const TRAIL_STEP_COUNT = 1_000;
const MAIL_STEP_COUNT = 20_000;
const BRACKET_STEP_COUNT = 25;

const MARKER_PATTERN = /^(?:>|[-*+](?=[ \t]|$)|\d{1,9}[.)](?=[ \t]|$))/;
const WORD_PATTERN = /\S+/g;
const ADDRESS_PATTERN = /www\.|:\/\/|@/gi;
const TRAIL_PATTERN = /[^\p{L}\p{N}\p{M}/=%-]{10,}/gu;
const MAIL_PATTERN = /[-+.\w]+/g;
const MAIL_START_PATTERN = /[-+._]/g;

/** Estimates the cost of parsing a message, line by line, so that expensive ones can be refused first. */
export class ParsingCost {
  #cost = 0;
  #isTooDeep = false;
  /** Unclosed brackets: the parser searches for each of them again at every word. */
  #openCount = 0;

  /** Whether the message is too expensive and is shown as plain text. */
  get isTooHigh(): boolean {
    return this.#isTooDeep || this.#cost > COST_MAX_COUNT;
  }

  /** Adds a line; `isBlock` if a block may start or end with it. */
  add(line: string, isBlock = false): void {
    this.#cost += COST.line + (isBlock ? COST.block : 0);
    this.#addMarkers(line);
    this.#addMarks(line);
    this.#addAddresses(line);
  }

  /** The markers of quotes and lists at the start of a line. */
  #addMarkers(line: string): void {
    let rest = line.trimStart();
    for (let depth = 0;; depth++) {
      const marker = MARKER_PATTERN.exec(rest)?.[0];
      if (marker === undefined) return;
      this.#isTooDeep ||= depth === NESTING_MAX_COUNT;
      if (this.#isTooDeep) return;
      this.#cost += marker === ">" ? COST.quoteMarker : COST.listMarker;
      rest = rest.slice(marker.length).trimStart();
    }
  }

  #addMarks(line: string): void {
    let last = "";
    for (const character of line) {
      // Two of the same kind are one mark for the parser.
      const isSecond = character === last;
      last = isSecond ? "" : character;
      if (character === "[") {
        this.#cost += COST.bracket;
        this.#openCount++;
      } else if (character === "]") this.#openCount = Math.max(0, this.#openCount - 1);
      else if (isSecond) continue;
      else if (character === "`") this.#cost += COST.backtick;
      else if ("*_~<\\!".includes(character)) this.#cost += COST.mark;
    }
  }

  /** The parser reads from each possible start of an address to its end, and may start again after it. */
  #addAddresses(line: string): void {
    for (const [word] of line.matchAll(WORD_PATTERN)) {
      const startCount = word.match(ADDRESS_PATTERN)?.length ?? 0;
      if (startCount === 0) continue;
      this.#cost += startCount * Math.ceil(word.length / ADDRESS_STEP_CHARACTERS);
      // Trailing punctuation of an address is scanned again from each of its characters.
      for (const [end] of word.matchAll(TRAIL_PATTERN)) {
        this.#cost += Math.floor(end.length ** 2 / TRAIL_STEP_COUNT);
      }
    }
    let mailCount = 0;
    for (const [run] of line.matchAll(MAIL_PATTERN)) {
      mailCount++;
      const startCount = run.match(MAIL_START_PATTERN)?.length ?? 0;
      this.#cost += Math.floor(startCount * run.length / MAIL_STEP_COUNT);
    }
    this.#cost += Math.floor(mailCount * this.#openCount / BRACKET_STEP_COUNT);
  }
}
