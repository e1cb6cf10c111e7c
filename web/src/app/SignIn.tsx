/** Asks for a viewer key when the server wants one. */

import { Button, PasswordInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, answer, api } from "../api/client";
import { acceptKey } from "../api/key";
import { Mark } from "./icons";
import classes from "./SignIn.module.css";

export function SignIn() {
  const queries = useQueryClient();
  const [key, setKey] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const tried = key.trim();
    if (tried === "") {
      setError("Paste a key first.");
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await tryKey(tried);
      queries.clear();
      acceptKey(tried);
    } catch (cause) {
      setError(explain(cause));
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className={classes.page}>
      <form className={classes.panel} onSubmit={submit} aria-labelledby="sign-in">
        <div className={classes.brand}>
          <Mark />
          <h1 id="sign-in">Sign in to Pitwall</h1>
        </div>
        <p className="muted">
          This server shows its figures to holders of a viewer key. Whoever runs it makes one with{" "}
          <code>pitwall key create --kind viewer --name NAME</code>.
        </p>
        <PasswordInput
          label="Viewer key"
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          error={error}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        <Button type="submit" loading={busy}>
          Sign in
        </Button>
        <p className={classes.note}>The key is kept in this tab until it is closed.</p>
      </form>
    </main>
  );
}

/** Asks for one request: any answer but a refusal means that the key is good. */
async function tryKey(key: string): Promise<void> {
  await answer(
    api.GET("/api/v1/requests/recent", {
      params: { query: { limit: 1 } },
      headers: { authorization: `Bearer ${key}` },
    }),
  );
}

function explain(cause: unknown): string {
  if (cause instanceof ApiError && (cause.status === 401 || cause.status === 403)) {
    return "This key is not accepted. Check that it was copied whole and is a viewer key.";
  }
  return cause instanceof Error ? cause.message : "The key could not be checked. Try again.";
}
