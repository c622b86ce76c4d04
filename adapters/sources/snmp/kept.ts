import { type Count, countOf, numberOf, textOf, unsignedOf, type Varbind } from "./decode.ts";
import { isAbsent } from "./requests.ts";
import type { Cells } from "./row.ts";

/** One variable that outlives the datagram it came in. */
export class Kept implements Cells {
  readonly #type: number;
  readonly #value: Varbind["value"];

  /** Without a varbind: none. */
  constructor(varbind: Varbind | undefined) {
    const is = varbind !== undefined && !isAbsent(varbind);
    this.#type = is ? varbind.type : 5;
    const value = is ? varbind.value : null;
    this.#value = Buffer.isBuffer(value) ? Buffer.from(value) : value;
  }

  isAbsent(): boolean {
    return false;
  }

  isNull(): boolean {
    return this.#type === 5;
  }

  number(): number {
    return numberOf(this.value());
  }

  unsigned(): number {
    return unsignedOf(this.value());
  }

  counted(): Count | undefined {
    return countOf(this.value());
  }

  text(): string | undefined {
    return textOf(this.value());
  }

  value(): Pick<Varbind, "type" | "value"> {
    return { type: this.#type, value: this.#value };
  }
}
