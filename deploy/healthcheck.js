// Exit 0 when the collector answers /healthz: for HEALTHCHECK in exec form, where there is no shell and no curl.
const url = process.env.MILLWRIGHT_HEALTH_URL ?? "http://127.0.0.1:8460/healthz";
const answer = await fetch(url, { signal: AbortSignal.timeout(4000) }).catch(() => undefined);
process.exit(answer?.ok === true ? 0 : 1);
