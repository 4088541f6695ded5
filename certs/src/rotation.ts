import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type Clock, systemClock } from '@vedette/shared/clock'
import { Refusal } from '@vedette/shared/errors'
import { readCrlFile } from './crl-files.ts'
import { certsLayout } from './files.ts'
import { makeIssuing, makeRoot, openRoot, sweep, writeRootList } from './new-authority.ts'
import { Office } from './office.ts'
import { followOperators } from './operators.ts'
import { type Pair, type Phase, readState, type State, writeState } from './state.ts'

/**
 * Everything that a rotation does, in order. Whatever was done stays done when the process is
 * killed: calling the phase again does what is missing. Only the commits change who is let in.
 */
export const STEPS = {
  'prepare.forget': 'the retired pair of the rotation before can no longer be taken back',
  'prepare.sweep': 'authorities that no phase knows of are removed',
  'prepare.root': 'a new root, where it is the root that changes, with its list',
  'prepare.issuing': 'a new issuing authority with its list',
  'prepare.commit': 'its certificates are let in, its root is trusted',
  'activate.commit': 'it signs for agents and operators',
  'activate.operators': 'operators on this machine have certificates that it signed',
  'retire.follow': 'operators have what activate would have given them, had it not been cut short',
  'retire.move': 'it signs for the server',
  'retire.server': 'the server shows a certificate that it signed',
  'retire.list': 'the list of the root names the old issuing authority',
  'retire.commit': 'the certificates of the old one are not let in, its root is not trusted',
  'retire.operators': 'operators on this machine trust what is trusted now',
  'rollback.follow': 'operators and the server have what the present phase gives them',
  'rollback.list': 'the list of the root does not name the old issuing authority any more',
  'rollback.commit': 'the phase before',
  'rollback.server': 'the server shows a certificate of whoever signs for it now',
  'rollback.operators': 'operators on this machine have certificates of whoever signs now',
  'rollback.sweep': 'the new authority is removed, where nothing is left of the rotation',
} as const
export type Step = keyof typeof STEPS

export type RotationOptions = {
  home: string
  clock?: Pick<Clock, 'now'> | undefined
  /** Of the root; asked for when it is needed, and only then. */
  passphrase: () => Promise<string>
  /** Has the server put a certificate of whoever signs for it now in its folder. */
  server: () => Promise<void>
  /** Told of each step before it begins and when it is done. */
  onStep?: ((step: Step, when: 'before' | 'after') => void) | undefined
  /** Of a new issuing authority, and of a new root, milliseconds. */
  lives?: { issuing?: number | undefined; root?: number | undefined } | undefined
}

/** The phase from which each is entered; a call in the phase that it leads to finishes it. */
const FROM: Record<'activate' | 'retire', readonly Phase[]> = {
  activate: ['prepared', 'activated'],
  retire: ['activated', 'moved', 'retired'],
}

/** One rotation of the authorities of a deployment, phase by phase; each may be called again. */
export class Rotation {
  readonly #options: RotationOptions
  readonly #clock: Pick<Clock, 'now'>

  constructor(options: RotationOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /**
   * A new issuing authority below the present root, or below a new root. Throws Refusal
   * `rotation.wrong-state`, `passphrase.*`; ConfigFault where the root's key is kept elsewhere.
   */
  async prepare(kind: 'issuing' | 'root'): Promise<State> {
    const { home, lives } = this.#options
    let state = await readState(home)
    if (state.phase === 'prepared' && kindOf(state) === kind) return state
    if (state.phase !== 'steady' && state.phase !== 'retired') throw wrongState(state, 'prepare')
    const old = state.new ?? state.old
    await this.#step('prepare.forget', async () => {
      if (state.phase === 'retired') state = await this.#commit({ phase: 'steady', old, new: null })
    })
    await this.#step('prepare.sweep', () => sweep(home, [old.root, old.issuing]))
    const now = this.#clock.now()
    const passphrase = await this.#options.passphrase()
    const root = await this.#step('prepare.root', () =>
      kind === 'root'
        ? makeRoot(home, passphrase, { now, life: lives?.root })
        : openRoot(home, old.root, passphrase),
    )
    const issuing = await this.#step('prepare.issuing', () =>
      makeIssuing(home, root, { now, life: lives?.issuing }),
    )
    const next: Pair = { root: root.id, issuing }
    return this.#step('prepare.commit', () => this.#commit({ phase: 'prepared', old, new: next }))
  }

  /** Throws Refusal `rotation.wrong-state`. */
  async activate(): Promise<State> {
    let state = await this.#enter('activate')
    await this.#step('activate.commit', async () => {
      if (state.phase === 'prepared') state = await this.#commit({ ...state, phase: 'activated' })
    })
    await this.#operators('activate.operators')
    return state
  }

  /** Throws Refusal `rotation.wrong-state`, `passphrase.*`, and what `server` throws. */
  async retire(): Promise<State> {
    let state = await this.#enter('retire')
    await this.#operators('retire.follow')
    await this.#step('retire.move', async () => {
      if (state.phase === 'activated') state = await this.#commit({ ...state, phase: 'moved' })
    })
    if (state.phase === 'moved') {
      await this.#step('retire.server', () => this.#server())
      await this.#step('retire.list', () => this.#list(state, true))
      state = await this.#step('retire.commit', () => this.#commit({ ...state, phase: 'retired' }))
    }
    await this.#operators('retire.operators')
    return state
  }

  /** One phase back. Throws Refusal `rotation.wrong-state` where there is none. */
  async rollback(): Promise<State> {
    const { home } = this.#options
    let state = await readState(home)
    const { phase, old } = state
    if (phase === 'steady') throw wrongState(state, 'rollback')
    // Where the phase before is steady, nothing can be made good behind the commit.
    await this.#step('rollback.follow', async () => {
      if (phase === 'prepared' || phase === 'activated') await this.#server()
      await this.#follow()
    })
    if (phase === 'retired') await this.#step('rollback.list', () => this.#list(state, false))
    state = await this.#step('rollback.commit', () => this.#commit(before(state)))
    if (phase === 'moved') await this.#step('rollback.server', () => this.#server())
    await this.#operators('rollback.operators')
    if (state.phase === 'steady') {
      await this.#step('rollback.sweep', () => sweep(home, [old.root, old.issuing]))
    }
    return state
  }

  async #enter(phase: 'activate' | 'retire'): Promise<State> {
    const state = await readState(this.#options.home)
    if (!FROM[phase].includes(state.phase)) throw wrongState(state, phase)
    return state
  }

  async #commit(state: Omit<State, 'version'>): Promise<State> {
    const next: State = { ...state, version: 1 }
    await writeState(this.#options.home, next)
    return next
  }

  /** Throws Refusal `rotation.not-followed` when the server still shows another's certificate. */
  async #server(): Promise<void> {
    const { home, server } = this.#options
    if (await this.#served()) return
    await server()
    if (await this.#served()) return
    throw new Refusal('rotation.not-followed', `the server of ${home} has not followed`, {
      hint: 'see that vedette-server runs and what its log says, then run the same again',
    })
  }

  async #served(): Promise<boolean> {
    const office = await this.#office()
    const leaf = new X509Certificate(office.credentials.chain)
    const entry = await office.ledger.find(leaf.serialNumber.toLowerCase())
    return entry?.authority === office.standing.server
  }

  #office(): Promise<Office> {
    return Office.open(this.#options.home, this.#clock)
  }

  /** Has the root's list name the old issuing authority, or not; a root that leaves has no need. */
  async #list(state: State, revoked: boolean): Promise<void> {
    const { home, passphrase } = this.#options
    if (kindOf(state) === 'root') return
    const place = certsLayout(home)
    const where = place.root(state.old.root)
    const certificate = await readFile(place.issuing(state.old.issuing).certificate, 'utf8')
    const serial = new X509Certificate(certificate).serialNumber.toLowerCase()
    const ofRoot = await readFile(where.certificate, 'utf8')
    const list = await readCrlFile(where, ofRoot).catch(() => undefined)
    if (list?.revoked.has(serial) === revoked) return
    const named = new Map(list?.revoked)
    const now = this.#clock.now()
    if (revoked) named.set(serial, now)
    else named.delete(serial)
    await writeRootList(home, await openRoot(home, state.old.root, await passphrase()), named, now)
  }

  async #operators(step: Step): Promise<void> {
    await this.#step(step, () => this.#follow())
  }

  async #follow(): Promise<void> {
    await followOperators(this.#options.home, await this.#office(), this.#clock.now())
  }

  async #step<T>(step: Step, work: () => Promise<T>): Promise<T> {
    const { onStep } = this.#options
    onStep?.(step, 'before')
    const done = await work()
    onStep?.(step, 'after')
    return done
  }
}

/** What changes in a rotation: the issuing authority alone, or its root with it. */
export function kindOf({ old, new: next }: State): 'issuing' | 'root' {
  return next === null || next.root === old.root ? 'issuing' : 'root'
}

const BEFORE = {
  prepared: 'steady',
  activated: 'prepared',
  moved: 'activated',
  retired: 'moved',
} as const

function before({ phase, old, new: next }: State): Omit<State, 'version'> {
  const to = phase === 'steady' ? phase : BEFORE[phase]
  return { phase: to, old, new: to === 'steady' ? null : next }
}

/** What is to be done next in each phase. */
export const NEXT: Record<Phase, 'prepare' | 'activate' | 'retire'> = {
  steady: 'prepare',
  prepared: 'activate',
  activated: 'retire',
  moved: 'retire',
  retired: 'prepare',
}

function wrongState(state: State, wanted: string): Refusal {
  const hint =
    wanted === 'rollback'
      ? 'there is nothing to take back'
      : `next is: vedette certs rotate ${NEXT[state.phase]} (or rollback)`
  return new Refusal('rotation.wrong-state', `cannot ${wanted}: the phase is ${state.phase}`, {
    hint,
  })
}
