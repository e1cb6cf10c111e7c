/** Names of people. Who signed in nowhere is known by the id of an installation: 64 digits that nobody reads. */

const INSTALLATION = /^[0-9a-f]{64}$/;

/** An e-mail address or name as it is; of an installation's id as much as tells it from others. */
export function personName(actor: string): string {
  return INSTALLATION.test(actor) ? `installation ${actor.slice(0, 8)}` : actor;
}
