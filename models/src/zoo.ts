import { readFile } from 'node:fs/promises'
import { Refusal } from '@vedette/shared/errors'
import { z } from 'zod'
import { type InstalledRow, installedRow } from './manifest.ts'

/** A published model that can be installed by its name, and where it is published. */
export type ZooModel = { url: string; row: InstalledRow }

const entries = z.array(z.strictObject({ url: z.url({ protocol: /^https$/ }), row: installedRow }))

/** The model that is published as `id`. Throws Refusal `model.not-found`. */
export async function findPublished(id: string): Promise<ZooModel> {
  const file = new URL('../zoo.json', import.meta.url)
  const known = entries.parse(JSON.parse(await readFile(file, 'utf8')))
  const found = known.find(({ row }) => row.id === id)
  if (found !== undefined) return found
  throw new Refusal('model.not-found', `no published model ${id}`, {
    hint: `known by name: ${known.map(({ row }) => row.id).join(', ')}; any other: vedette models add FILE`,
  })
}
