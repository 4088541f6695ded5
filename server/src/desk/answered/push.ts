/** A device that is told; by its mark a browser knows whether it is itself. */
export type PushDevice = { id: string; createdAt: number; mark: string }

/** What a browser needs to be told, and where its person is told already. */
export type PushAnswer = {
  /** By what it asks its push service; null: nobody is told that way here. */
  key: string | null
  devices: PushDevice[]
}
