import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { type Connection, Follower, type Source } from "../src/api/follower.ts";

/** A stream that does what the test says. */
class FakeSource implements Source {
  readyState = 0;
  closed = false;
  readonly #listeners = new Map<string, (event: MessageEvent<string>) => void>();

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.closed = true;
    this.readyState = 2;
  }

  say(type: string, data: unknown = null): void {
    this.#listeners.get(type)?.({ data: JSON.stringify(data) } as MessageEvent<string>);
  }

  refuse(): void {
    this.readyState = 2;
    this.say("error");
  }
}

let sources: FakeSource[];
let timers: { at: number; act: () => void }[];
let seen: unknown[];
let reports: Connection[];
let polls: number;
let follower: Follower;

/** Do what is planned for the earliest moment; the milliseconds that it waited. */
function pass(): number {
  timers.sort((one, other) => one.at - other.at);
  const timer = timers.shift();
  assert.ok(timer, "nothing is planned");
  timer.act();
  return timer.at;
}

function newest(): FakeSource {
  const source = sources.at(-1);
  assert.ok(source);
  return source;
}

beforeEach(() => {
  [sources, timers, seen, reports, polls] = [[], [], [], [], 0];
  const surroundings = {
    open: () => {
      const source = new FakeSource();
      sources.push(source);
      return source;
    },
    after: (at: number, act: () => void) => {
      const timer = { at, act };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  };
  const note = (data: never): void => {
    seen.push(data);
  };
  const poll = async (): Promise<void> => {
    polls += 1;
  };
  const subject = { address: "/events", events: { progress: note, finished: note }, last: "finished", poll };
  follower = new Follower(subject, surroundings, (connection) => reports.push(connection));
  follower.start();
});

test("events reach their handlers as JSON, and the last one ends it", () => {
  newest().say("open");
  newest().say("progress", { version: 1 });
  newest().say("finished", { version: 2 });
  assert.deepEqual(seen, [{ version: 1 }, { version: 2 }]);
  assert.deepEqual(reports, ["connecting", "live", "ended"]);
  assert.ok(newest().closed);
  assert.equal(timers.length, 0);
});

test("a stream that breaks is left to the browser to connect again", () => {
  newest().say("open");
  newest().say("error");
  assert.ok(!newest().closed);
  newest().say("open");
  assert.equal(timers.length, 0);
  assert.deepEqual(reports, ["connecting", "live", "lost", "live"]);
  assert.equal(sources.length, 1);
});

test("one that is refused is opened again, after longer and longer pauses", () => {
  const pauses = [0, 1].map(() => {
    newest().refuse();
    return pass();
  });
  assert.deepEqual(pauses, [1000, 2000]);
  assert.equal(sources.length, 3);
});

test("when it is refused, the state is asked for, which says why", async () => {
  newest().refuse();
  assert.equal(polls, 1);
  pass();
  newest().say("open");
  assert.equal(polls, 1);
  assert.equal(timers.length, 0);
});

test("after three failures the state is asked for instead, until the stream is back", async () => {
  for (const _ of [1, 2, 3]) newest().say("error");
  await Promise.resolve();
  assert.equal(polls, 1);
  await Promise.resolve();
  assert.equal(pass(), 5000);
  assert.equal(polls, 2);
  await Promise.resolve();
  await Promise.resolve();
  newest().say("open");
  assert.equal(timers.length, 0);
});

test("what is stopped stays silent, and can be started again", () => {
  const first = newest();
  first.refuse();
  follower.stop();
  assert.equal(timers.length, 0);
  follower.start();
  first.say("progress", { version: 1 });
  newest().say("progress", { version: 2 });
  assert.deepEqual(seen, [{ version: 2 }]);
});

test("one that has beaten and falls silent is opened again, and any event shows that it lives", () => {
  newest().say("open");
  newest().say("heartbeat");
  const [beat] = timers;
  newest().say("progress", { version: 1 });
  assert.equal(timers.length, 1);
  assert.notEqual(timers[0], beat);
  const silent = newest();
  assert.equal(pass(), 15_000);
  assert.ok(silent.closed);
  assert.deepEqual(reports, ["connecting", "live", "lost"]);
  assert.equal(polls, 1);
  assert.equal(pass(), 1000);
  newest().say("open");
  assert.deepEqual(reports.slice(3), ["live"]);
});

test("one that is never answered is given up as well, again and again", () => {
  const pauses = [1, 2, 3, 4].map(() => pass());
  assert.deepEqual(pauses, [15_000, 1000, 15_000, 2000]);
  assert.equal(sources.length, 3);
});

test("a server of an earlier release, which sends no heartbeats, may be silent for as long as it likes", () => {
  newest().say("open");
  newest().say("progress", { version: 1 });
  assert.equal(timers.length, 0);
});

test("starting twice opens one connection", () => {
  follower.start();
  assert.equal(sources.length, 1);
});
