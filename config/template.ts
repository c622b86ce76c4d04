import { nearest } from "./suggest.ts";

/** What a template of a message may name. */
export const templateNames = ["title", "text", "level", "kind", "id", "services", "causes", "url"] as const;
export type TemplateValues = Readonly<Record<(typeof templateNames)[number], string>>;

const placeholder = /\{([a-z_]+)\}/g;

const escapes: Readonly<Record<string, (value: string) => string>> = {
  "application/json": (value) => JSON.stringify(value).slice(1, -1),
  "application/x-www-form-urlencoded": encodeURIComponent,
};

/** The template with its values, each escaped as the media type asks: `{"text": "{title}"}` stays JSON whatever the title is. */
export function fillTemplate(template: string, contentType: string, values: TemplateValues): string {
  const encode = escapes[contentType] ?? ((value: string) => value);
  return template.replace(placeholder, (whole, name: string) => {
    const known = templateNames.find((one) => one === name);
    return known === undefined ? whole : encode(values[known]);
  });
}

/** What is wrong with a template, or undefined. */
export function templateFault(template: string, contentType: string): string | undefined {
  for (const [whole, name = ""] of template.matchAll(placeholder)) {
    if (templateNames.some((one) => one === name)) continue;
    const near = nearest(name, templateNames);
    return `${whole} is not one of ${templateNames.map((one) => `{${one}}`).join(", ")}${near === undefined ? "" : ` (did you mean {${near}}?)`}`;
  }
  if (contentType !== "application/json") return undefined;
  const sample = Object.fromEntries(templateNames.map((name) => [name, 'a "b"\n'])) as TemplateValues;
  try {
    JSON.parse(fillTemplate(template, contentType, sample));
    return undefined;
  } catch {
    return "is not JSON once it is filled in (values go between quotes of your own)";
  }
}
