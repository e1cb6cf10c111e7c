// `npm run dev:mock` in web/: the development page on the mock's answers.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const mock = spawn(process.execPath, [fileURLToPath(new URL("./pitwall-mock.mjs", import.meta.url))]);
mock.stderr.pipe(process.stderr);
mock.stdout.once("data", (line) => {
  const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line)) ?? [];
  const page = spawn("npx", ["vite"], { stdio: "inherit", env: { ...process.env, PITWALL_API: address } });
  page.on("exit", (code) => {
    mock.kill();
    process.exit(code ?? 0);
  });
});
