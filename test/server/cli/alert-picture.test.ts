import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe as words } from '@vedette/server/cli/alert-lines'
import { savePicture } from '@vedette/server/cli/alert-picture'
import type { DeskClient } from '@vedette/server/cli/desk-client'
import { DeskFault } from '@vedette/server/cli/desk-fault'
import type { NamedAlert, NamedChange } from '@vedette/server/desk/named'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { jpegOf, plain } from '../../support/server-photos.ts'
import { newAlert } from '../../support/server-store.ts'

const photo = await jpegOf(plain(100, 100))

/** A desk that has no picture of any alert. */
const desk = {
  bytes: async (path: string) => {
    if (path.startsWith('/entries/')) return photo
    throw new DeskFault({
      type: '',
      title: '',
      status: 404,
      code: 'alert.not-found',
      detail: 'none',
    })
  },
} as unknown as DeskClient

const alert = (retrospective: boolean) =>
  ({
    ...newAlert('entry', { retrospective, late: true, raisedAt: 1_763_650_000_000 + 7_200_000 }),
    ...{ name: 'Anna', either: undefined, place: null },
  }) as unknown as NamedAlert

describe('an alert that was found in the past', () => {
  it('is watched on without a picture where none was kept', async () => {
    await using folder = await TemporaryFolder.make()
    const file = join(folder.path, 'alert.jpg')
    await savePicture(desk, alert(true), file)
    expect(existsSync(file)).toBe(false)
    await expect(savePicture(desk, alert(false), file)).rejects.toThrow('none')
  })

  it('is told as what was, and how far back it was found', () => {
    const change = { kind: 'raised', alert: alert(true), frame: null, by: null, outcome: null }
    expect(words(change as unknown as NamedChange)).toContain('WAS, NOT IS (found 2 h back): ALERT')
    const late = { ...change, alert: alert(false) }
    expect(words(late as unknown as NamedChange)).toContain('WAS, NOT IS (reported 20 ms late)')
  })
})
