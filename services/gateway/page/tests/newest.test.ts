import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Newest } from "../src/recipes/newest.ts";

/** What was asked for, each with the way to answer it, and what became of it. */
function heard() {
  const asked: {
    wanted: string;
    signal: AbortSignal;
    resolve: (answer: string) => void;
    reject: (thrown: Error) => void;
  }[] = [];
  const answers: string[] = [];
  const newest = new Newest<string, string>(400, {
    ask: (wanted, signal) => new Promise((resolve, reject) => asked.push({ wanted, signal, resolve, reject })),
    answered: (answer) => answers.push(answer),
    failed: (thrown) => answers.push(String(thrown)),
  });
  return { asked, answers, newest };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("only what was wanted last is asked for, after a pause in typing", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { asked, newest } = heard();
  newest.want("w");
  mock.timers.tick(399);
  newest.want("we");
  mock.timers.tick(399);
  assert.equal(asked.length, 0);
  mock.timers.tick(1);
  assert.deepEqual(
    asked.map(({ wanted }) => wanted),
    ["we"],
  );
  mock.timers.reset();
});

test("the answer to something older is dropped, whether it comes or fails", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { asked, answers, newest } = heard();
  for (const wanted of ["old", "older", "new"]) {
    newest.want(wanted);
    mock.timers.tick(400);
  }
  assert.deepEqual(
    asked.map(({ signal }) => signal.aborted),
    [true, true, false],
  );
  asked[2]?.resolve("the newest");
  asked[0]?.resolve("the oldest");
  asked[1]?.reject(new Error("too late"));
  await settled();
  assert.deepEqual(answers, ["the newest"]);
  mock.timers.reset();
});

test("nothing is asked for or answered once it is stopped", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { asked, answers, newest } = heard();
  newest.want("asked");
  mock.timers.tick(400);
  newest.stop();
  asked[0]?.resolve("too late");
  newest.want("waiting");
  newest.stop();
  mock.timers.tick(1000);
  await settled();
  assert.equal(asked.length, 1);
  assert.deepEqual(answers, []);
  mock.timers.reset();
});

test("a failure of the newest is heard", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { asked, answers, newest } = heard();
  newest.want("x");
  mock.timers.tick(400);
  asked[0]?.reject(new Error("no"));
  await settled();
  assert.deepEqual(answers, ["Error: no"]);
  mock.timers.reset();
});
