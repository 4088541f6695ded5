/** Lists and cameras that a person's work is confined to; null is all of them. */
export type Scope = {
  lists: readonly string[] | null
  /** AGENT/CAMERA, or AGENT/* for every camera of an agent. */
  cameras: readonly string[] | null
}
