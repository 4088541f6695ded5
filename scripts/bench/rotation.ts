import { STEPS } from '@vedette/certs/rotation'
import type { Report } from './measure.ts'
import { RotationStage } from './rotation-stage.ts'

/*
 * Rotations of the issuing authority and of the root under agents that stay connected, with the
 * program that rotates, and then the server with it, killed (SIGKILL) at each step. After every kill every
 * agent is started again and must be welcome with what it has at that moment; whoever is not, is
 * locked out, and the bench ends there with an error. One agent is away from before `prepare` until
 * after `activate` and must find its way back.
 */

const AGENTS = 5
type Kind = 'issuing' | 'root'
type Phase = 'prepare' | 'activate' | 'retire'
const FORWARD: readonly Phase[] = ['prepare', 'activate', 'retire']

const stepsOf = (phase: string) => Object.keys(STEPS).filter((step) => step.startsWith(`${phase}.`))

export async function benchRotation(report: Report): Promise<void> {
  for (const kind of ['issuing', 'root'] as const) {
    await using stage = await RotationStage.open(AGENTS)
    await withProgramKilled(stage, kind, report)
    await takenBack(stage, kind, report)
    await withPowerCut(stage, kind, report)
  }
}

async function withProgramKilled(stage: RotationStage, kind: Kind, report: Report): Promise<void> {
  const returns: number[] = []
  const follows: number[] = []
  await (await stage.agent('away'))[Symbol.asyncDispose]()
  for (const phase of FORWARD) {
    for (const step of stepsOf(phase)) {
      for (const when of ['before', 'after']) {
        const ended = await stage.run({ phase, kind, dieAt: `${step} ${when}` })
        if (ended === 'killed') returns.push(await stage.restarted())
      }
    }
    await stage.run({ phase, kind })
    returns.push(await stage.restarted())
    if (phase === 'activate') stage.agents.push(await stage.back('away'))
    await stage.allWelcome()
    follows.push(await stage.followed('forward'))
  }
  const kills = returns.length - FORWARD.length
  const longest = Math.max(...returns)
  report({
    bench: `rotation.${kind}.program-killed`,
    value: kills,
    unit: 'kills',
    detail: { lockedOut: 0, agents: stage.agents.length, longestReturnMs: Math.round(longest) },
  })
  report({ bench: `rotation.${kind}.followed`, value: Math.max(...follows) / 1000, unit: 's' })
}

/** From retired back to steady, each step back cut short on either side of its commit. */
async function takenBack(stage: RotationStage, kind: Kind, report: Report): Promise<void> {
  const took: Record<string, number> = {}
  for (const from of ['retired', 'moved', 'activated', 'prepared']) {
    await stage.followed('back')
    await stage.run({ phase: 'rollback', kind, dieAt: 'rollback.commit before' })
    await stage.restarted()
    const began = performance.now()
    const dieAt = from === 'moved' ? undefined : 'rollback.commit after'
    await stage.run({ phase: 'rollback', kind, dieAt })
    await stage.restarted()
    took[from] = Math.round(performance.now() - began)
  }
  report({
    bench: `rotation.${kind}.rollback`,
    value: Math.max(...Object.values(took)) / 1000,
    unit: 's until all are welcome',
    detail: took,
  })
}

/** A power cut: the program and the server die at the same step, and the server starts again. */
async function withPowerCut(stage: RotationStage, kind: Kind, report: Report): Promise<void> {
  const returns: number[] = []
  for (const phase of FORWARD) {
    for (const step of stepsOf(phase)) {
      for (const when of ['before', 'after']) {
        // Their waits between dials begin anew: each has lost its connection many times by now.
        await stage.restarted()
        const ended = await stage.run({ phase, kind, dieAt: `${step} ${when}` })
        if (ended !== 'killed') continue
        await stage.killServer()
        const began = performance.now()
        await stage.startServer()
        await stage.allWelcome()
        returns.push(performance.now() - began)
      }
    }
    await stage.run({ phase, kind })
    await stage.restarted()
    await stage.followed('forward')
  }
  const longestReturnMs = Math.round(Math.max(...returns))
  report({
    bench: `rotation.${kind}.power-cut`,
    value: returns.length,
    unit: 'cuts',
    detail: { lockedOut: 0, longestReturnMs },
  })
}
