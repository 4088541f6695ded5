import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sayable, wavOf } from '@vedette/server/channels/espeak'
import { Unavailable } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { CHANNELS_CONFIG, TestChannels } from '../../support/server-channels.ts'
import { HAND } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'
import { until } from '../../support/until.ts'

const never = new AbortController().signal

describe('words', () => {
  it('are made sound in two languages', async () => {
    for (const language of ['en', 'de'] as const) {
      const text = 'Alert, priority 1. Jürgen Müller.'
      const wav = await wavOf('espeak-ng', { text, language, speed: 150 }, never)
      expect([wav.toString('latin1', 0, 4), wav.toString('latin1', 8, 12)]).toEqual([
        'RIFF',
        'WAVE',
      ])
      expect(wav.readUInt32LE(40)).toBe(wav.length - 44)
      expect(wav.length).toBeGreaterThan(40_000)
    }
  })

  it('that a shell or a synthesizer would take for something else are words', async () => {
    await using folder = await TemporaryFolder.make()
    const file = join(folder.path, 'touched')
    const hostile = `$(touch ${file}) \`touch ${file}\`; -w ${file} <audio src="${file}"/> [[f@_]]`
    await wavOf('espeak-ng', { text: hostile, language: 'en', speed: 300 }, never)
    await wavOf('espeak-ng', { text: `-w ${file}`, language: 'en', speed: 300 }, never)
    await expect(stat(file)).rejects.toThrow('ENOENT')
    expect(sayable(hostile)).not.toMatch(/[$`<>"[\]@_;=]{2}|[$`<>"[\]@_]/)
    expect(sayable('Müller\u0000\u202e\nØrsted 3½'.repeat(100)).length).toBeLessThanOrEqual(600)
  })

  it('without the program say what to install', async () => {
    const asked = wavOf('no-such-program', { text: 'x', language: 'en', speed: 150 }, never)
    const fault = await rejectionOf(asked, Unavailable)
    expect([fault.code, fault.hint]).toEqual([
      'speech.missing',
      'install it: sudo apt-get install -y espeak-ng alsa-utils',
    ])
  })
})

let folder: TemporaryFolder
let channels: TestChannels
let clock: ManualClock
let heard: string
let held: string

/** A mouth that writes down what it is given, and goes on as long as there is a file `held`. */
const MOUTH = (heard: string, held: string) => `#!/bin/sh
cat > /dev/null
echo begun >> ${heard}
while [ -e ${held} ]; do sleep 0.01; done
echo ended >> ${heard}
`

/** A synthesizer that writes down the text, and makes as much sound as a program that works. */
const VOICE = (heard: string) => `#!/bin/sh
{ printf '%s: ' "$2"; cat; echo; } >> ${heard}
printf 'RIFF____WAVEfmt ________________________data____'
`

beforeEach(async () => {
  folder = await TemporaryFolder.make()
  heard = join(folder.path, 'heard')
  held = join(folder.path, 'held')
  const [program, player] = [join(folder.path, 'voice'), join(folder.path, 'aplay')]
  await writeFile(program, VOICE(heard))
  await writeFile(player, MOUTH(heard, held))
  await Promise.all([chmod(program, 0o755), chmod(player, 0o755)])
  clock = new ManualClock()
  channels = await TestChannels.open({
    clock,
    config: { ...CHANNELS_CONFIG, speech: { program, player, card: false } },
  })
})

afterEach(async () => {
  await channels[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const lines = async () => (await readFile(heard, 'utf8').catch(() => '')).split('\n').slice(0, -1)
const said = async () => (await lines()).filter((line) => line.includes(': '))
const count = async (word: string) => (await lines()).filter((line) => line === word).length

describe('an alert is said aloud', () => {
  it('again until somebody acts, and so often at most', async () => {
    await channels.add('speech', { repeat: 30_000, most: 3 }, { names: true })
    const { id } = await channels.alert('Anna "; rm -rf Example')
    await channels.settled()
    expect(await said()).toEqual([
      'en: Alert, priority 3, camera north of gate-7. Anna ; rm -rf Example. list wanted. possible match.',
    ])
    for (const [times, wait] of [
      [2, 30_000],
      [3, 29_000],
    ] as const) {
      await until(() => clock.pending.includes(wait))
      clock.advance(wait)
      await until(async () => (await count('ended')) === times)
      await until(() => clock.pending.includes(1000))
      clock.advance(1000)
    }
    await until(() => clock.pending.includes(30_000))
    clock.advance(120_000)
    await new Promise(setImmediate)
    await channels.decisions.acknowledge(id, HAND, null)
    await channels.settled()
    expect(await said()).toHaveLength(3)
  })

  it('and stops in the middle of it when somebody acts', async () => {
    await writeFile(held, '')
    const { id: channel } = await channels.add('speech', {})
    const { id } = await channels.alert()
    await until(async () => (await count('begun')) === 1)
    await channels.decisions.acknowledge(id, HAND, null)
    await channels.settled()
    expect(await count('ended')).toBe(0)
    expect((await channels.notices(channel)).map(({ said }) => said)).toEqual([
      'stopped: somebody has acted',
      'nothing is said of it any more',
    ])
  })

  it('the most urgent first', async () => {
    await channels.lists.add('urgent', { name: 'Urgent', priority: 1 }, HAND)
    await writeFile(held, '')
    await channels.add('speech', { repeat: null }, { names: true })
    await channels.alert('Anna')
    await until(async () => (await count('begun')) === 1)
    await channels.alert('Bert')
    await channels.alert('Carl', { list: 'urgent' })
    await until(async () => (await channels.notices()).length === 3)
    const { rm } = await import('node:fs/promises')
    await rm(held)
    await channels.settled()
    expect((await said()).map((line) => /Anna|Bert|Carl/.exec(line)?.[0])).toEqual([
      'Anna',
      'Carl',
      'Bert',
    ])
  })

  it('goes on after a restart with what nobody has acted upon', async () => {
    await channels.add('speech', { repeat: 30_000 })
    await channels.alert()
    await channels.settled()
    await channels.stop()
    await channels.start()
    await until(() => clock.pending.includes(30_000))
    clock.advance(30_000)
    await until(async () => (await count('ended')) === 2)
  })

  it('where nobody can hear it that is told, and what is old is not said', async () => {
    await writeFile(join(folder.path, 'aplay'), '#!/bin/sh\necho "no card" >&2\nexit 1\n')
    const { id } = await channels.add('speech', {})
    expect(await channels.all.test(id, 'anna')).toMatchObject({ done: 'retry' })
    await channels.stop()
    await channels.alert()
    await channels.start()
    await until(async () =>
      (await channels.notices(id)).some(({ attempts, kind }) => attempts > 1 && kind === 'new'),
    )
    clock.advance(121_000)
    await channels.settled()
    const told = (await channels.notices(id)).find(({ kind }) => kind === 'new')
    expect(told).toMatchObject({ state: 'dead' })
    expect(told!.said).toContain('no card')
  })
})
