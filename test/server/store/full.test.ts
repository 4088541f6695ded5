import { Alerts } from '@vedette/server/alerts/alerts'
import { Unavailable } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { canMount, limitedDatabase, smallDisk } from '../../support/server-full-disk.ts'
import { LogBook } from '../../support/server-log.ts'
import { sightingOf } from '../../support/server-sightings.ts'
import { newEntry, newPhoto, SPACE } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

const photo = newPhoto(1, { jpeg: Buffer.alloc(50_000, 1) })

const ways = [
  ['the database may not grow', limitedDatabase, true],
  ['the file system is full', smallDisk, canMount()],
] as const

describe.each(ways)('while %s', (_what, make, possible) => {
  it.runIf(possible)('enrolling is refused for now, stores nothing, and works after', async () => {
    await using disk = await make()
    const { stored, fill, free } = disk
    const { entries } = stored.store
    const { entry } = await entries.add(newEntry(), [photo])
    fill()
    const error = await rejectionOf(entries.add(newEntry('Bert'), [photo, photo]), Unavailable)
    expect(error).toMatchObject({
      code: 'store.full',
      hint: expect.stringContaining('free some space'),
    })
    expect(await entries.all()).toEqual([entry])
    free()
    await entries.add(newEntry('Bert'), [photo, photo])
    expect(await entries.all()).toHaveLength(2)
  })

  it.runIf(possible)(
    'reading goes on, an alert waits, and is raised when there is room',
    async () => {
      await using disk = await make()
      const { stored, fill, free } = disk
      const { entries, alerts: store } = stored.store
      const clock = new ManualClock()
      const book = new LogBook()
      const alerts = new Alerts({ store, cooldown: 1000, trail: 600_000, clock, log: book.log })
      const { entry } = await entries.add(newEntry(), [photo])
      fill()
      const chip = Buffer.alloc(60_000, 2)
      const raising = alerts.consider(sightingOf(entry.id, { probe: { chip } }))
      for (let i = 0; i < 3; i++) {
        expect(await clock.pass()).toBe(1000)
        expect(await entries.templates(SPACE)).toHaveLength(1)
        expect((await entries.photo(entry.id, 0)).equals(photo.jpeg)).toBe(true)
        expect(await store.list({ limit: 10 })).toEqual([])
      }
      await clock.sleeping()
      free()
      clock.advance(1000)
      await raising
      const [alert] = await store.list({ limit: 10 })
      expect((await store.chip(alert!.id)).equals(chip)).toBe(true)
      expect(book.of('alert.waiting').every(({ code }) => code === 'store.full')).toBe(true)
    },
  )
})
