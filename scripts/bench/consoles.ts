import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Store } from '@vedette/server/store/store'
import type { Watched } from './consoles-watchers.ts'
import { Asker } from './durable/asker.ts'
import { Crowd, type Part } from './durable/crowd.ts'
import { face, facesOf, populate, SPACE } from './durable/people.ts'
import { ServerStage } from './durable/server-stage.ts'
import { median, percentile, type Report } from './measure.ts'

const CONSOLES = 50
const AGENTS = 20
const ENTRIES = 1000
const ROUNDS = 4
const SECONDS = 10
/** An alert so often, milliseconds: a night in which everything happens. */
const ALERT_MS = 500

type Round = { part: Part; worked: number; watched?: Watched }

/**
 * Agents that ask, and alerts that are raised, with fifty consoles that are told of all of them and
 * with none, in turn.
 */
export async function benchConsoles(report: Report): Promise<void> {
  await using stage = await ServerStage.open({ agents: AGENTS + 1 })
  const faces = facesOf(ENTRIES)
  {
    const file = join(stage.data, 'wanted.db')
    await using store = await Store.open({ file, keyFile: join(stage.home, 'vault.key') })
    await populate(store, faces, 1)
  }
  await stage.start()
  const [one, ...others] = stage.credentials
  const found = await Asker.dial(stage.gatePort, one!, SPACE)
  await using crowd = await Crowd.dial(stage, others)
  const chip = await face(112)
  let person = 0
  const through = async (): Promise<Omit<Round, 'watched'>> => {
    const before = await stage.worked()
    const part = await crowd.through(async () => {
      for (let i = 0; i < (SECONDS * 1000) / ALERT_MS; i++) {
        const probe = faces[person % faces.length]!
        const track = `found-${person++}`
        await Promise.all([found.ask({ probe, track, chip }), wait(ALERT_MS)])
      }
    })
    return { part, worked: (await stage.worked()) - before }
  }
  await through()
  const [alone, beside]: [Round[], Round[]] = [[], []]
  for (let i = 0; i < ROUNDS; i++) {
    alone.push(await through())
    beside.push(await watched(stage, through))
  }
  await found[Symbol.asyncDispose]()
  const p99 = (rounds: Round[]) => median(rounds.map(({ part }) => percentile(part.answers, 0.99)))
  const worked = (rounds: Round[]) => median(rounds.map((round) => round.worked)) / SECONDS
  const told = beside.flatMap((round) => round.watched!.after)
  report({
    bench: 'consoles.match.p99',
    value: p99(beside),
    unit: `ms, p99 of ${AGENTS} agents`,
    baseline: `the same without ${CONSOLES} consoles`,
    ratio: median(alone.map((round, i) => p99([round]) / p99([beside[i]!]))),
    detail: {
      ...{ aloneP99: p99(alone), coresAlone: worked(alone), coresBeside: worked(beside) },
      failed: [...alone, ...beside].reduce((sum, { part }) => sum + part.failed, 0),
    },
  })
  report({
    bench: 'consoles.told',
    value: median(told),
    unit: 'ms from an alert’s commit to a console',
    p99: percentile(told, 0.99),
    detail: {
      events: told.length,
      perAlert: told.length / ((ROUNDS * (SECONDS * 1000)) / ALERT_MS),
    },
  })
}

/** The same, while consoles of another process listen. */
async function watched(
  stage: ServerStage,
  through: () => Promise<Omit<Round, 'watched'>>,
): Promise<Round> {
  const program = new URL('./consoles-watchers.js', import.meta.url)
  const child = fork(program, [stage.deskAddress, stage.operator, String(CONSOLES)])
  await once(child, 'message')
  const round = await through()
  const answer = once(child, 'message')
  child.send('told')
  const [told] = (await answer) as [Watched]
  child.disconnect()
  await once(child, 'exit')
  return { ...round, watched: told }
}
