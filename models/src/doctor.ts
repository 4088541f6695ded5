import type { Check } from '@vedette/shared/doctor/findings'
import { ok } from '@vedette/shared/doctor/findings'
import { readGraph } from './manifest.ts'
import { readModels } from './registry.ts'

/** Whether every model file is, byte for byte, what its manifest says. */
export function modelsCheck(folder: string): Check {
  return {
    name: 'models',
    look: async () => {
      const rows = await readModels(folder)
      for (const row of rows) await readGraph(row)
      return ok(`${rows.length} models are what they should be`)
    },
  }
}
