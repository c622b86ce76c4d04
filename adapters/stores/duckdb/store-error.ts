/** A store's file cannot be used. The message names it. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}
