import { readdir, readFile, stat } from 'node:fs/promises'
import { certsLayout } from '@vedette/certs/files'
import { Office } from '@vedette/certs/office'
import { Rotation, type RotationOptions, STEPS, type Step } from '@vedette/certs/rotation'
import { readState } from '@vedette/certs/state'
import { renewServer } from '@vedette/server/authority/renew-server'
import { Refusal } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { foundDeployment, PASSPHRASE, TemporaryFolder } from '../support/certs-deployment.ts'
import { FollowingAgent, operatorGetsIn } from '../support/certs-follower.ts'
import { rejectionOf } from '../support/thrown.ts'

// Every step has a key made and handshakes made with it.

let folder: TemporaryFolder
let home: string
let anna: string
let office: Office
let agent: FollowingAgent

beforeEach(async () => {
  folder = await TemporaryFolder.make()
  home = folder.path
  anna = (await foundDeployment(home)).operator.folder
  office = await Office.open(home)
  agent = await FollowingAgent.of(office, 'gate-7')
})

afterEach(() => folder[Symbol.asyncDispose]())

class Killed extends Error {}

function rotation(more: Partial<RotationOptions> = {}): Rotation {
  return new Rotation({
    home,
    passphrase: async () => PASSPHRASE,
    server: () => renewServer(home),
    ...more,
  })
}

/** Both a daemon that runs on and one that starts anew, each with a list for everybody. */
async function daemons(): Promise<Office[]> {
  const fresh = await Office.open(home)
  await Promise.all([office.tend(), fresh.tend()])
  return [office, fresh]
}

/** Whoever has followed so far gets in, at a daemon that runs on and at one that starts anew. */
async function expectNobodyLockedOut(): Promise<void> {
  for (const daemon of await daemons()) {
    expect(await agent.dial(daemon)).toBe('welcome')
    expect(await operatorGetsIn(daemon, anna)).toBe(true)
    expect(daemon.credentials.crl).toHaveLength(daemon.certificates.size)
  }
}

type Phase = 'prepare' | 'activate' | 'retire' | 'rollback'

const stepsOf = (phase: Phase) =>
  Object.keys(STEPS).filter((step) => step.startsWith(`${phase}.`)) as Step[]

/**
 * Runs a phase that is cut short before and behind each of its steps, and then to its end. One step
 * back is at its end behind its commit; what is left to do then is done by the next.
 */
async function runKilled(
  phase: Phase,
  run: (rotation: Rotation) => Promise<unknown>,
  steps: readonly Step[] = stepsOf(phase),
): Promise<string[]> {
  const killedAt: string[] = []
  const { phase: from } = await readState(home)
  for (const step of steps) {
    // Behind a step is before the next; only behind a commit is worth a look of its own.
    const sides = step.endsWith('.commit') ? (['before', 'after'] as const) : (['before'] as const)
    for (const when of sides) {
      const onStep: RotationOptions['onStep'] = (at, now) => {
        if (at === step && now === when) throw new Killed()
      }
      const error = await run(rotation({ onStep })).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      if (error !== undefined && !(error instanceof Killed)) throw error
      if (error !== undefined) killedAt.push(`${step} ${when}`)
      await expectNobodyLockedOut()
      if (phase === 'rollback' && (await readState(home)).phase !== from) return killedAt
    }
  }
  await run(rotation())
  await expectNobodyLockedOut()
  return killedAt
}

/** As the guard in front of the next phase sees to it. */
const followed = async () => {
  await office.tend()
  await agent.follow(office)
}

describe.each(['issuing', 'root'] as const)('a rotation of the %s authority', (kind) => {
  it('locks nobody out wherever it is cut short, and goes on from there', async () => {
    const before = office.standing
    const killed = [
      ...(await runKilled('prepare', (it) => it.prepare(kind))),
      ...(await followed().then(() => runKilled('activate', (it) => it.activate()))),
      ...(await followed().then(() => runKilled('retire', (it) => it.retire()))),
    ]
    await followed()
    await expectNobodyLockedOut()
    const { phase } = office.state
    const after = office.standing
    expect(phase).toBe('retired')
    expect(after.signs).not.toBe(before.signs)
    expect(after.server).toBe(after.signs)
    expect(after.accepted).toEqual([after.signs])
    expect(after.roots[0] === before.roots[0]).toBe(kind === 'issuing')
    const forward = Object.keys(STEPS).filter((step) => !step.startsWith('rollback'))
    // Behind the last commit of a phase its last steps are reached again and again.
    for (const step of forward.filter((name) => name !== 'prepare.forget')) {
      expect(killed).toContain(`${step} before`)
    }
  })

  it('can be taken back from each phase, wherever that is cut short', async () => {
    const before = office.standing
    await rotation().prepare(kind)
    await followed()
    await rotation().activate()
    await followed()
    await rotation().retire()
    await followed()
    const phases = new Set<string>()
    while ((await readState(home)).phase !== 'steady') {
      expect(phases.size).toBeLessThan(5)
      const { phase } = await readState(home)
      phases.add(phase)
      const steps: Step[] = ['rollback.follow', 'rollback.commit']
      if (phase === 'retired') steps.splice(1, 0, 'rollback.list')
      const killed = await runKilled('rollback', (it) => it.rollback(), steps)
      expect(killed.at(-1)).toBe('rollback.commit after')
      await followed()
      await expectNobodyLockedOut()
    }
    expect([...phases]).toEqual(['retired', 'moved', 'activated', 'prepared'])
    expect(office.standing).toEqual(before)
    await rotation().prepare(kind) // sweeps what the last rollback left when it was cut short
    await rotation().rollback()
    const { roots, office: authorities } = certsLayout(home)
    expect(await readdir(roots)).toEqual(before.roots)
    const names = await readdir(authorities)
    expect(names.filter((name) => !name.includes('.'))).toEqual([before.signs])
  })

  it('refuses whoever was left behind: TLS does, and the register', async () => {
    const late = await FollowingAgent.of(office, 'gate-8')
    const thief = await FollowingAgent.of(office, 'gate-9')
    await rotation().prepare(kind)
    await rotation().activate()
    await rotation().retire()
    for (const daemon of await daemons()) {
      const welcome = await late.dial(daemon)
      expect(welcome).not.toBe('welcome')
      if (kind === 'issuing') expect(welcome).toMatch(/CERT_REVOKED|UNABLE_TO_GET_CRL/)
      const entry = (await daemon.ledger.all()).find(({ name }) => name === 'gate-9')
      expect(await daemon.find(entry!.serial)).toMatchObject({
        revocation: { reason: expect.stringContaining('retired') },
      })
    }
    expect(await thief.dial(office)).not.toBe('welcome')
  })

  it('lets one that was away come in until the old authority is retired', async () => {
    const away = await FollowingAgent.of(office, 'gate-8')
    await rotation().prepare(kind)
    await rotation().activate()
    for (const daemon of await daemons()) expect(await away.dial(daemon)).toBe('welcome')
    await away.follow(office)
    await rotation().retire()
    for (const daemon of await daemons()) expect(await away.dial(daemon)).toBe('welcome')
  })
})

describe('a rotation', () => {
  it('keeps its order', async () => {
    const codes = async (...phases: ('activate' | 'retire' | 'rollback')[]) => {
      for (const phase of phases) {
        const error = await rejectionOf(rotation()[phase](), Refusal)
        expect(error.code).toBe('rotation.wrong-state')
        expect(error.hint).toBeDefined()
      }
    }
    await codes('activate', 'retire', 'rollback')
    await rotation().prepare('issuing')
    await codes('retire')
    expect((await rejectionOf(rotation().prepare('root'), Refusal)).code).toBe(
      'rotation.wrong-state',
    )
    await rotation().activate()
    expect((await rejectionOf(rotation().prepare('issuing'), Refusal)).code).toBe(
      'rotation.wrong-state',
    )
  })

  it('may be followed by the next, from which the one before can no longer be taken back', async () => {
    const first = office.standing.signs
    for (let round = 0; round < 2; round++) {
      await rotation().prepare('issuing')
      await rotation().activate()
      await rotation().retire()
      await followed()
    }
    const names = await readdir(certsLayout(home).office)
    expect(names).not.toContain(first)
    expect(office.crl(office.standing.roots[0]!)?.revoked.size).toBe(2)
    await expectNobodyLockedOut()
  })

  it('does nothing with a wrong passphrase', async () => {
    const wrong = rotation({ passphrase: async () => 'not the right passphrase' })
    const error = await rejectionOf(wrong.prepare('issuing'), Refusal)
    expect(error.code).toBe('passphrase.wrong')
    expect((await readState(home)).phase).toBe('steady')
    await expectNobodyLockedOut()
  })

  it('stops before anything is retired when the server does not follow', async () => {
    await rotation().prepare('root')
    await rotation().activate()
    await followed()
    const deaf = rotation({ server: async () => {} })
    expect((await rejectionOf(deaf.retire(), Refusal)).code).toBe('rotation.not-followed')
    expect((await readState(home)).phase).toBe('moved')
    await expectNobodyLockedOut()
    await rotation().retire()
    await expectNobodyLockedOut()
  })

  it("keeps every key for its owner alone, the root's sealed", async () => {
    await rotation().prepare('root')
    const place = certsLayout(home)
    for (const id of office.standing.roots.concat((await readState(home)).new!.root)) {
      const { key } = place.root(id)
      expect((await stat(key)).mode & 0o777).toBe(0o600)
      expect(await readFile(key, 'utf8')).not.toContain('PRIVATE KEY')
    }
    const { new: next } = await readState(home)
    expect((await stat(place.issuing(next!.issuing).key)).mode & 0o777).toBe(0o600)
  })
})
