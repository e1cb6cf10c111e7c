/** Starts a server under test, waits until it says where it is, and stops it again. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface Started {
  /** `http://127.0.0.1:PORT`. */
  readonly address: string;
  /** Everything the process printed, for messages of failed tests. */
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

const READY = /http:\/\/127\.0\.0\.1:\d+/;
const START_MS = 60_000;
const STOP_MS = 10_000;

/** The first loopback address in what the process prints is its dashboard. */
export async function start(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Started> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const address = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => fail(`was not ready within ${START_MS} ms`), START_MS);
    const fail = (reason: string) => {
      clearTimeout(late);
      child.kill("SIGKILL");
      reject(new Error(`${command} ${reason}\n${printed}`));
    };
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code) => fail(`ended with ${code} before it was ready`));
    child.stderr.on("data", (part) => {
      printed += part;
    });
    child.stdout.on("data", (part) => {
      printed += part;
      const found = READY.exec(printed);
      if (found) {
        clearTimeout(late);
        child.removeAllListeners("exit");
        resolve(found[0]);
      }
    });
  });
  return { address, output: () => printed, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(late);
}
