import { writeFile } from 'node:fs/promises'
import { codeOf } from '@vedette/shared/errors'
import type { NamedAlert } from '../desk/named.ts'
import type { DeskClient } from './desk-client.ts'
import { sideBySide } from './picture.ts'
import { say } from './render.ts'

/** Saves the enrolled photograph of whom `alert` is about beside the sighting, as one JPEG. */
export async function savePicture(
  desk: DeskClient,
  alert: NamedAlert,
  file: string,
): Promise<void> {
  const [photo, chip] = await Promise.all([
    desk.bytes(`/entries/${alert.entryId}/photos/1`),
    desk.bytes(`/alerts/${alert.id}/chip`).catch((error) => {
      // Of what is found in the past there mostly is none.
      if (alert.retrospective && codeOf(error) === 'alert.not-found') return undefined
      throw error
    }),
  ])
  if (chip === undefined) {
    say(`no picture of ${alert.id} was kept`)
    return
  }
  await writeFile(file, await sideBySide(photo, chip))
  say(`saved ${file}`)
}
