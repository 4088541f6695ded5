import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { findFfmpeg } from '@vedette/agent/sources/ffmpeg-program'
import type { NamedAlert } from '@vedette/server/desk/routes/alerts'
import { describe, expect, it } from 'vitest'
import { DATA, dataIsThere } from '../support/data.ts'
import { House } from '../support/house.ts'
import { until } from '../support/until.ts'

const SIGNERS = {
  a: ['again', 'brother', 'help', 'no'],
  b: ['milk', 'bird', 'please', 'sorry'],
} as const

const clip = (signer: 'a' | 'b', name: string) =>
  join(DATA, 'videos', 'signers', signer, `${name}.mkv`)

/** Names of whom each clip raised alerts about, in a house that knows `people`. */
async function alertsOn(
  clips: Record<string, string>,
  people: Record<string, string[]>,
): Promise<Record<string, string[]>> {
  await using house = await House.found()
  await house.startServer()
  for (const [name, photos] of Object.entries(people)) await house.enrol(name, photos)
  const cameras = Object.entries(clips).map(
    ([name, path]) => `  ${name}: { source: { kind: file, path: ${path}, pace: fast } }`,
  )
  const agent = await house.startAgent('bench', cameras.join('\n'))
  await agent.watched
  await until(() => agent.status().waiting === 0)
  const alerts = await (await house.desk()).json<NamedAlert[]>('GET', '/alerts')
  const found = Object.fromEntries(Object.keys(clips).map((name) => [name, [] as string[]]))
  for (const { camera, name } of alerts) found[camera]!.push(name ?? '')
  return found
}

describe.skipIf(!dataIsThere('recognition on real video'))('on real video', () => {
  const portraits = (who: string, files: string[]) =>
    files.map((file) => join(DATA, 'portraits', who, file))

  it('both performers are found in hamilton.mp4 from their portraits', async () => {
    const found = await alertsOn(
      { stage: join(DATA, 'videos', 'hamilton.mp4') },
      {
        'lin-manuel-miranda': portraits('lin-manuel-miranda', ['1.png']),
        'alex-lacamoire': portraits('alex-lacamoire', ['1.png', '2.jpg']),
      },
    )
    expect(found.stage!.toSorted()).toEqual(['alex-lacamoire', 'lin-manuel-miranda'])
  })

  it.each([
    ['a', 'b'],
    ['b', 'a'],
  ] as const)(
    'signer %s, enrolled from one clip, is found in the others and %s is not',
    async (wanted, other) => {
      await using house = await House.found()
      const [source, ...rest] = SIGNERS[wanted]
      const photo = join(house.home, 'photo.png')
      const args = ['-v', 'error', '-y', '-ss', '0.6', '-i', clip(wanted, source), '-frames:v', '1']
      expect(spawnSync(findFfmpeg(), [...args, photo]).status).toBe(0)
      const clips = Object.fromEntries([
        ...rest.map((name) => [`same-${name}`, clip(wanted, name)]),
        ...SIGNERS[other].map((name) => [`other-${name}`, clip(other, name)]),
      ])
      const found = await alertsOn(clips, { wanted: [photo] })
      for (const [camera, names] of Object.entries(found)) {
        expect([camera, names]).toEqual([camera, camera.startsWith('same') ? ['wanted'] : []])
      }
    },
  )
})
