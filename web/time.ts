/** `3 s`, `4 min`, `1 h 5 min`, `3 d 4 h`: two parts at most. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return join(hours, "h", minutes % 60, "min");
  return join(Math.floor(hours / 24), "d", hours % 24, "h");
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** `14:03:12` today, else `2026-01-01 14:03`. In the browser's time zone. */
export function clockTime(time: number, now: number): string {
  const date = new Date(time);
  const day = dayOf(date);
  const hm = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return day === dayOf(new Date(now)) ? `${hm}:${two(date.getSeconds())}` : `${day} ${hm}`;
}

/** For titles: date, time, seconds and offset from UTC, whatever the day. */
export function fullTime(time: number): string {
  const date = new Date(time);
  return `${dayOf(date)} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${offsetOf(date)}`;
}

/** `22:00` today, else `Mon 06:00`: for times within a week. */
export function weekdayTime(time: number, now: number): string {
  const date = new Date(time);
  const hm = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return dayOf(date) === dayOf(new Date(now)) ? hm : `${weekdays[date.getDay()] ?? ""} ${hm}`;
}

const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;

/** `UTC`, `UTC+1`, `UTC+5:45`: the browser's time zone at that time. */
export function zoneText(time: number): string {
  return offsetOf(new Date(time));
}

function offsetOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return "UTC";
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? "−" : "+"}${hours}${rest === 0 ? "" : `:${two(rest)}`}`;
}

function dayOf(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
