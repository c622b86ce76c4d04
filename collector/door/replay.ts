/** Requests of one agent that are remembered by their signature. */
const mostRecent = 1000;
/** A request may be older than the newest one by this much, where our clock says it is from now: clocks are set back. */
const toleranceMs = 15 * 60_000;
/** Agents that are remembered. */
const mostAgents = 10_000;

interface Heard {
  newest: number;
  readonly signatures: Set<string>;
}

/**
 * Tells a request from its repetition by somebody else. What a repeated batch could do is bounded by its seq already; this keeps it
 * from passing for a sign of life.
 */
export class ReplayGuard {
  readonly #agents = new Map<string, Heard>();

  /** What speaks against a request whose signature is good, or undefined; then it is remembered. */
  fault(request: {
    readonly agent: string;
    readonly signature: string;
    readonly sentAt: number;
    readonly now: number;
  }): string | undefined {
    const { agent, signature, sentAt, now } = request;
    const heard = this.#agents.get(agent) ?? { newest: sentAt, signatures: new Set<string>() };
    if (heard.signatures.has(signature)) return "this request was sent before";
    const old = sentAt < heard.newest - toleranceMs && Math.abs(now - sentAt) > toleranceMs;
    if (old) return "this request is much older than others of this agent: set the agent's clock";
    heard.newest = Math.max(heard.newest, sentAt);
    heard.signatures.add(signature);
    const [first] = heard.signatures;
    if (heard.signatures.size > mostRecent && first !== undefined) heard.signatures.delete(first);
    if (this.#agents.size < mostAgents || this.#agents.has(agent)) this.#agents.set(agent, heard);
    return undefined;
  }
}
