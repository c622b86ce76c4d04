import { useEffect, useState } from "preact/hooks";

/** What the address bar asks for. */
export type Route =
  | { readonly page: "overview" | "assets" | "incidents" | "alarms" | "agents" | "wall" | "nowhere" }
  | { readonly page: "service"; readonly id: string }
  | { readonly page: "asset"; readonly id: string }
  | { readonly page: "incident"; readonly id: string }
  | { readonly page: "series"; readonly id: string; readonly metric: string; readonly labels: Readonly<Record<string, string>> };

const plain = ["assets", "incidents", "alarms", "agents", "wall"] as const;

/** Reads path and query; an address that no page has is `nowhere`. */
export function parseRoute(path: string, query = ""): Route {
  const parts = path
    .split("/")
    .filter((part) => part !== "")
    .map(decode);
  const [first, id, metric, more] = parts;
  if (first === undefined || (first === "services" && id === undefined)) return { page: "overview" };
  if (first === "services" && id !== undefined && metric === undefined) return { page: "service", id };
  if (first === "assets" && id !== undefined && metric !== undefined && more === undefined)
    return { page: "series", id, metric, labels: Object.fromEntries(new URLSearchParams(query)) };
  if (first === "assets" && id !== undefined && metric === undefined) return { page: "asset", id };
  if (first === "incidents" && id !== undefined && metric === undefined) return { page: "incident", id };
  return id === undefined ? { page: plain.find((page) => page === first) ?? "nowhere" } : { page: "nowhere" };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const paths = {
  service: (id: string) => `/services/${encodeURIComponent(id)}`,
  incident: (id: string) => `/incidents/${encodeURIComponent(id)}`,
  asset: (id: string) => `/assets/${encodeURIComponent(id)}`,
  series(asset: string, metric: string, labels: Readonly<Record<string, string>>) {
    const query = new URLSearchParams(labels).toString();
    return `${paths.asset(asset)}/${encodeURIComponent(metric)}${query === "" ? "" : `?${query}`}`;
  },
};

/** The current route; follows the back button and links. */
export function useRoute(): Route {
  const [route, setRoute] = useState(readLocation);
  useEffect(() => {
    const read = (): void => setRoute(readLocation());
    addEventListener("popstate", read);
    document.addEventListener("click", follow);
    return () => {
      removeEventListener("popstate", read);
      document.removeEventListener("click", follow);
    };
  }, []);
  return route;
}

function readLocation(): Route {
  return parseRoute(location.pathname, location.search);
}

/** A plain click on a link of ours changes the page without loading it anew; every other click is the browser's. */
function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.origin !== location.origin || link.target !== "" || link.hasAttribute("download")) return;
  // A place on this page: the browser goes there, and takes the keyboard with it.
  if (link.hash !== "" && link.pathname === location.pathname && link.search === location.search) return;
  if (parseRoute(link.pathname).page === "nowhere") return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  scrollTo(0, 0);
  dispatchEvent(new PopStateEvent("popstate"));
}
