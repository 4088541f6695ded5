import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { Outbox } from '@vedette/agent/outbox/outbox'
import { Uplink } from '@vedette/agent/uplink/uplink'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { systemClock } from '@vedette/shared/clock'
import { readCredentials } from '@vedette/shared/credentials'
import { silentLog } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'
import { SOFTWARE } from '@vedette/shared/software'

/**
 * Uplink and outbox of an agent, with questions that are numbered instead of seen:
 * `node offline-agent.js CREDENTIALS PORT STATE PROBE CHIP NAME EVERY`. Writes a line for each
 * question before it is asked, a line when all so far are on disk or acknowledged, and one when none
 * waits any more. Asks no more when a line comes on standard input.
 */
const [folder = '', port = '', state = '', probeFile = '', chipFile = '', name = '', every = ''] =
  process.argv.slice(2)
const [clock, log, metrics] = [systemClock, silentLog, createMetrics('agent')]
const limits = { size: 64_000_000, age: 86_400_000 }
const outbox = Outbox.open({ folder: state, limits, clock, log, metrics })
const probe = new Uint8Array(await readFile(probeFile))
const chip = new Uint8Array(await readFile(chipFile))
const model = DEFAULT_MODELS.embedder
const camera = 'bench'
const uplink = new Uplink({
  server: { host: '127.0.0.1', port: Number(port) },
  credentials: await readCredentials(folder),
  hello: {
    ...{ software: SOFTWARE, model, cameras: [camera], announce: false },
    outbox: { stream: outbox.stream, first: outbox.first },
  },
  ...{ outbox, clock, log, random: Math.random },
})
void uplink.run(new AbortController().signal)

const say = (word: string, count: number) => process.stdout.write(`${word} ${count}\n`)
let asked = 0
let kept = 0
let asking = true
createInterface({ input: process.stdin }).once('line', () => {
  asking = false
})
say('ready', outbox.size)
setInterval(() => {
  if (!asking) return
  say('asked', ++asked)
  const about = { camera, track: `${name}-${asked}`, shot: 0, capturedAt: clock.now() }
  const seen = { space: model, probe, quality: 0.9, chip }
  outbox.add({ type: 'match', ...about, ...seen, box: [10, 10, 80, 80] })
}, Number(every))
setInterval(() => {
  if (outbox.unsaved === 0 && kept < asked) {
    kept = asked
    say('kept', kept)
  }
  if (!asking && outbox.size === 0) say('empty', outbox.dropped)
}, 10)
