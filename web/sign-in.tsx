import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { signIn } from "./session.ts";

/** Asks for name and password. */
export function SignInPage(): JSX.Element {
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    try {
      await signIn(String(form.get("user")), String(form.get("password")));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <h1>Millwright</h1>
      <form onSubmit={(event) => void submit(event)}>
        <label>
          Name
          <input name="user" autocomplete="username" autocapitalize="none" required />
        </label>
        <label>
          Password
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <button type="submit" disabled={busy}>
          Sign in
        </button>
        <p role="alert">{problem}</p>
      </form>
    </main>
  );
}
