import type { ChannelView } from "../../core/channel-view.ts";
import type { ChannelState } from "./courier.ts";
import type { DeadLetter } from "./dead-letters.ts";

/** Most dead letters that are listed. */
const mostListed = 100;

/** A channel as the API shows it. `dead`: the oldest first. */
export function channelView(state: ChannelState, dead: readonly DeadLetter[]): ChannelView {
  const { channel, oldest, lastSuccess, lastError, ...counts } = state;
  return {
    id: channel,
    ...counts,
    oldest: oldest ?? null,
    last_success: lastSuccess ?? null,
    last_error: lastError ?? null,
    dead_letters: dead
      .slice(-mostListed)
      .reverse()
      .map(({ givenUpAt, reason, notification: { id, title, news } }) => ({
        ...{ id, given_up_at: givenUpAt, reason, title },
        incidents: [...new Set(news.map(({ incident }) => incident.id))],
      })),
  };
}
