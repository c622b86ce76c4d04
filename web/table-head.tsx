import type { JSX } from "preact";

/** A column: its title, and the classes that say how it is set and on which widths it is shown. */
export type Column = string | readonly [title: string, classes: string];

export function TableHead({ columns }: { readonly columns: readonly Column[] }): JSX.Element {
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          const [title, classes] = typeof column === "string" ? [column, undefined] : column;
          return (
            <th key={title} scope="col" class={classes}>
              {title}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
