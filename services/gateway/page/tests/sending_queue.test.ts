import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { ApiProblem, UNREACHABLE } from "../src/api/problem.ts";
import { type Group, groupsOf, type PlacedFile } from "../src/upload/groups.ts";
import { SendingQueue } from "../src/upload/sending_queue.ts";

interface Request {
  readonly position: number;
  readonly progress: (bytes: number) => void;
  readonly arrive: () => void;
  readonly fail: (problem: ApiProblem) => void;
}

let requests: Request[];
let waits: number[];
let sent: number[];
let problems: ApiProblem[];

beforeEach(() => {
  [requests, waits, sent, problems] = [[], [], [], []];
});

/** A queue of so many files of ten bytes, each a group, whose requests end as the test says. */
function queueOf(files: number): SendingQueue<PlacedFile> {
  const placed = Array.from({ length: files }, (_, position) => ({ position, size: 10 }));
  return new SendingQueue(groupsOf(placed, { files: 1, bytes: 1_000_000 }), {
    transmit,
    wait: async (milliseconds) => {
      waits.push(milliseconds);
    },
    progressed: (bytes) => sent.push(bytes),
    stopped: (problem) => problems.push(problem),
  });
}

function transmit(group: Group, progress: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    requests.push({ position: group.position, progress, arrive: resolve, fail: reject });
    signal.addEventListener("abort", () => reject(new ApiProblem(UNREACHABLE, "", 0)));
  });
}

/** Lets everything happen that waits for nothing. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function request(place: number): Request {
  const found = requests[place];
  assert.ok(found, `request ${place}`);
  return found;
}

async function arriveAll(): Promise<void> {
  for (let next = 0; next < requests.length; next += 1) {
    request(next).arrive();
    await settled();
  }
}

test("three requests are in flight, and the next begins when one has arrived", async () => {
  const running = queueOf(5).run();
  await settled();
  assert.deepEqual(
    requests.map(({ position }) => position),
    [0, 1, 2],
  );
  request(1).arrive();
  await settled();
  assert.equal(request(3).position, 3);
  await arriveAll();
  assert.equal(await running, true);
  assert.equal(requests.length, 5);
  assert.equal(sent.at(-1), 50);
});

test("sent bytes are those that arrived and those in flight, without what stands around files", async () => {
  const running = queueOf(2).run();
  await settled();
  request(0).progress(4);
  request(1).progress(900);
  assert.equal(sent.at(-1), 14);
  await arriveAll();
  await running;
  assert.equal(sent.at(-1), 20);
});

test("a request that broke off is sent again after a pause, longer each time or as the server asks", async () => {
  const running = queueOf(1).run();
  await settled();
  request(0).progress(5);
  request(0).fail(new ApiProblem(UNREACHABLE, "", 0));
  await settled();
  assert.equal(sent.at(-1), 0);
  request(1).fail(new ApiProblem("temporarily_unavailable", "", 503));
  await settled();
  request(2).fail(new ApiProblem("too_many_uploads", "", 503, null, 7));
  await settled();
  assert.deepEqual(waits, [1000, 2000, 7000]);
  request(3).arrive();
  assert.equal(await running, true);
  assert.deepEqual(problems, []);
});

test("what does not pass by itself pauses everything, until a person goes on", async () => {
  const queue = queueOf(4);
  const running = queue.run();
  await settled();
  request(1).fail(new ApiProblem("draft_expired", "", 410));
  await settled();
  assert.deepEqual(
    problems.map(({ code }) => code),
    ["draft_expired"],
  );
  assert.equal(requests.length, 3);
  queue.proceed();
  await settled();
  assert.deepEqual(
    requests
      .slice(3)
      .map(({ position }) => position)
      .sort(),
    [0, 1, 2],
  );
  await arriveAll();
  assert.equal(await running, true);
});

test("a pause breaks off what is in flight, and what has arrived is not sent again", async () => {
  const queue = queueOf(4);
  const running = queue.run();
  await settled();
  request(0).arrive();
  await settled();
  queue.pause();
  queue.pause();
  await settled();
  assert.equal(sent.at(-1), 10);
  assert.equal(requests.length, 4);
  queue.proceed();
  await settled();
  assert.deepEqual(
    requests
      .slice(4)
      .map(({ position }) => position)
      .sort(),
    [1, 2, 3],
  );
  await arriveAll();
  assert.equal(await running, true);
  assert.deepEqual(problems, []);
});

test("a queue that is cancelled sends no more, also while it is paused", async () => {
  const queue = queueOf(10);
  const running = queue.run();
  await settled();
  queue.pause();
  queue.cancel();
  assert.equal(await running, false);
  assert.equal(requests.length, 3);
});

test("a server that stays away ends in a pause with the problem, after which it is tried as patiently again", async () => {
  const queue = queueOf(1);
  const running = queue.run();
  await settled();
  for (let place = 0; problems.length === 0; place += 1) {
    request(place).fail(new ApiProblem(UNREACHABLE, "", 0));
    await settled();
  }
  assert.equal(waits.length, 9);
  assert.equal(Math.max(...waits), 30_000);
  queue.proceed();
  await settled();
  request(requests.length - 1).fail(new ApiProblem(UNREACHABLE, "", 0));
  await settled();
  assert.equal(waits.at(-1), 1000);
  assert.equal(problems.length, 1);
  queue.cancel();
  assert.equal(await running, false);
});

test("a hundred thousand files are sent", async () => {
  const placed = Array.from({ length: 100_000 }, (_, position) => ({ position, size: 10 }));
  let files = 0;
  const queue = new SendingQueue(groupsOf(placed, { files: 64, bytes: 32_000_000 }), {
    transmit: async (group) => {
      files += group.files.length;
    },
    wait: async () => {},
    progressed: (bytes) => sent.push(bytes),
    stopped: (problem) => problems.push(problem),
  });
  assert.equal(await queue.run(), true);
  assert.equal(files, 100_000);
  assert.equal(sent.at(-1), 1_000_000);
});

test("of a hundred thousand files, those that a refused request kept back are sent later, each once", async () => {
  const placed = Array.from({ length: 100_000 }, (_, position) => ({ position, size: 10 }));
  const arrived = new Map<number, number>();
  const limits = { files: 1000, bytes: 32_000_000 };
  const sending = (files: readonly PlacedFile[], isRefused: (group: Group) => boolean): SendingQueue<PlacedFile> => {
    const queue = new SendingQueue(groupsOf(files, limits), {
      transmit: async (group) => {
        if (isRefused(group)) throw new ApiProblem("request_refused", "", 422);
        for (const { position } of group.files) arrived.set(position, (arrived.get(position) ?? 0) + 1);
      },
      wait: async () => {},
      progressed: () => {},
      stopped: (problem) => {
        problems.push(problem);
        queue.cancel();
      },
    });
    return queue;
  };
  assert.equal(await sending(placed, ({ position }) => position === 42_000).run(), false);
  assert.equal(problems.length, 1);
  assert.ok(arrived.size > 0 && arrived.size < 100_000);
  const missing = placed.filter(({ position }) => !arrived.has(position));
  assert.equal(await sending(missing, () => false).run(), true);
  assert.equal(arrived.size, 100_000);
  assert.equal(Math.max(...arrived.values()), 1);
});
