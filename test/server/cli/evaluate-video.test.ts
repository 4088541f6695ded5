import { chmod, copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeVideo, PASSER_BY, WANTED } from '@vedette/scripts/demo/video'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildAgent } from '../../support/agent-cli.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { run } from '../../support/server-cli.ts'

const folder = await TemporaryFolder.make()
const at = (name: string) => join(folder.path, name)
const [clip, again] = [at('passer-by.mp4'), at('again.mp4')]
const wanted = `erin=${WANTED.photo}#${WANTED.face}`
const video = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  run(['evaluate', 'video', ...args], { env: { TMPDIR: folder.path, ...env } })

beforeAll(async () => {
  await Promise.all([makeVideo(clip, PASSER_BY), buildAgent()])
  await copyFile(clip, again)
  await writeFile(at('who.csv'), 'clip,name,from,to\npasser-by,erin,0,2.5\nagain.mp4,erin\n')
  await writeFile(at('deaf'), '#!/bin/sh\necho broken >&2\nexit 1\n')
  await chmod(at('deaf'), 0o755)
})

afterAll(() => folder[Symbol.asyncDispose]())

describe('vedette evaluate video', () => {
  it('says who was found how soon in real clips, draws it, and leaves nothing behind', async () => {
    const plot = at('days.svg')
    const args = ['--enroll', wanted, '--clip', clip, again, clip, '--truth', at('who.csv')]
    const { status, out, err } = await video([...args, '--plot', plot, '--json'])
    expect([status, err]).toEqual([0, expect.stringContaining('clips seen 2 of 2')])
    const result = JSON.parse(out)
    expect(result).toMatchObject({
      kind: 'video',
      alerts: 2,
      alertsPerWalk: 1,
      judged: { hits: 2, misses: 0, falseAlerts: 0, falsePerCameraHour: 0 },
    })
    expect(result.cameraHours).toBeCloseTo(10 / 3600, 6)
    expect(result.judged.timeToAlert).toBeLessThan(2)
    expect(result.clips[0].alerts[0]).toMatchObject({ name: 'erin', rival: null, right: true })
    expect(await readFile(plot, 'utf8')).toMatch(/^<svg[\s\S]*passer-by\.mp4/)
    expect((await readdir(folder.path)).filter((name) => name.startsWith('vedette'))).toEqual([])
  })

  it('counts without truth, and says in words what it saw', async () => {
    const { status, out, err } = await video(['--enroll', wanted, '--clip', clip, '--fps', '3'])
    expect([status, err]).toEqual([0, expect.stringContaining('no --truth')])
    expect(out).toMatch(/^1 clips, 0\.00139 camera-hours, \d+ walks, 1 alerts/)
    expect(out).toMatch(/erin +\/.*passer-by\.mp4 +[01]\.\d s +0\.9\d\d +0\.95/)
  })

  it('alerts about nobody where the threshold is out of reach', async () => {
    const args = ['--enroll', wanted, '--clip', clip, '--truth', at('who.csv')]
    const { out } = await video([...args, '--threshold', '1', '--json'])
    expect(JSON.parse(out)).toMatchObject({ alerts: 0, judged: { hits: 0, misses: 1 } })
  })

  it.each<[string, string[], number, string]>([
    [
      'a photograph that is not there',
      ['--enroll', 'a=/no.jpg', '--clip', clip],
      3,
      'no photograph',
    ],
    [
      'a photograph of several',
      ['--enroll', `a=${WANTED.photo}`, '--clip', clip],
      7,
      'faces in it',
    ],
    [
      'truth that is none',
      ['--enroll', wanted, '--clip', clip, '--truth', WANTED.photo],
      7,
      'header',
    ],
    ['a clip that is not there', ['--enroll', wanted, '--clip', '/no.mp4'], 1, 'No such file'],
    ['nobody enrolled', ['--clip', clip], 2, '--enroll'],
  ])('refuses %s', async (_what, args, expected, complaint) => {
    const { status, out, err } = await video(args)
    expect([status, out, err]).toEqual([expected, '', expect.stringContaining(complaint)])
    expect((await readdir(folder.path)).filter((name) => name.startsWith('vedette'))).toEqual([])
  })

  it('says what is wrong with the program that looks at the clips', async () => {
    const args = ['--enroll', wanted, '--clip', clip]
    const [none, broken] = await Promise.all([
      video(args, { VEDETTE_AGENT: '/no/agent' }),
      video(args, { VEDETTE_AGENT: at('deaf') }),
    ])
    expect([none.status, none.err]).toEqual([3, expect.stringContaining('VEDETTE_AGENT')])
    expect([broken.status, broken.err]).toEqual([1, expect.stringContaining('broken')])
  })
})
