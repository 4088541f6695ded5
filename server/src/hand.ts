/** Who does something, from which address, and why. */
export type Hand = {
  /** An operator's name, `agent:NAME` or `server`. */
  by: string
  /** An address, or `server`. */
  from: string
  why: string | null
}
