import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import type { Issued } from '@vedette/certs/authority'
import type { Office } from '@vedette/certs/office'
import { checkNames } from '@vedette/certs/profile'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf, Refusal } from '@vedette/shared/errors'
import { formatJoinCode, pinOf, SECRET_BYTES } from '@vedette/shared/join-code'
import type { Log } from '@vedette/shared/log'
import { splitPem } from '@vedette/shared/pem'
import { leadsTo, rootsOf } from '@vedette/shared/trust'
import { v7 as newId } from 'uuid'
import type { Hand } from '../hand.ts'
import type { Invitation, InvitationStore } from '../store/invitations.ts'

export type InvitationsOptions = {
  store: InvitationStore
  office: Office
  /** Of a certificate, milliseconds. */
  life: number
  /** Resolves when who was revoked is cut off. */
  refresh: () => Promise<void>
  clock: Clock
  log: Log
}

export type Invite = {
  agent: string
  /** Milliseconds. */
  expires: number
  /** Where the newcomer dials. */
  host: string
  port: number
  replace: boolean
  hand: Hand
}

export type Invited = { id: string; agent: string; code: string; expiresAt: number }

/** Who may become an agent: makes codes, and makes one agent of each. */
export class Invitations {
  readonly #options: InvitationsOptions

  constructor(options: InvitationsOptions) {
    this.#options = options
  }

  /**
   * A code by which one newcomer becomes agent `agent`. It is told once: only a hash of its secret
   * is kept. Throws Refusal `request.invalid`, `certificate.exists` where the name is taken and
   * `replace` does not say to put a newcomer in its place.
   */
  async invite({ agent, expires, host, port, replace, hand }: Invite): Promise<Invited> {
    const { store, clock, log } = this.#options
    checkNames({ role: 'agent', name: agent })
    if (!replace && (await this.#validOf(agent)).length > 0) {
      throw new Refusal('certificate.exists', `there is an agent ${agent} already`, {
        hint: 'to have a newcomer take its place, add --replace: its certificates are then revoked',
        params: { agent },
      })
    }
    const secret = randomBytes(SECRET_BYTES)
    const code = formatJoinCode({ secret, pin: this.#pin(), host, port })
    const [id, now] = [newId(), clock.now()]
    const expiresAt = now + expires
    const invitation = { id, agent, invitedBy: hand.by, invitedAt: now, expiresAt, replace }
    await store.add(invitation, hashOf(secret), hand)
    log.info({ agent, invitation: id, by: hand.by, until: new Date(expiresAt) }, 'agent.invited')
    return { id, agent, code, expiresAt }
  }

  all(): Promise<Invitation[]> {
    return this.#options.store.all()
  }

  /** Throws Refusal `invitation.not-found`, `invitation.wrong-state`. */
  async withdraw(id: string, hand: Hand): Promise<void> {
    const { store, clock, log } = this.#options
    const known = (await store.all()).find((invitation) => invitation.id === id)
    if (known === undefined) {
      throw new Refusal('invitation.not-found', `no invitation ${id}`, {
        hint: 'see: vedette agents invitations',
      })
    }
    if (!(await store.withdraw(id, hand, clock.now()))) {
      throw new Refusal('invitation.wrong-state', `invitation ${id} is used or withdrawn`)
    }
    log.info({ agent: known.agent, invitation: id, by: hand.by }, 'invitation.withdrawn')
  }

  /**
   * Makes the newcomer at `address` the agent that its secret is for. Throws Refusal `join.*`,
   * `request.invalid`; then the code is as good as before. Every attempt is written down.
   */
  async redeem(
    secret: Uint8Array,
    request: string,
    address: string,
  ): Promise<Issued & { agent: string; roots: string }> {
    const { store, clock, log, office } = this.#options
    const invitation = await store.bySecret(hashOf(secret))
    const attempt = (outcome: string) =>
      store.attempted({
        at: clock.now(),
        address,
        invitationId: invitation?.id ?? null,
        agent: invitation?.agent ?? null,
        outcome,
      })
    try {
      const issued = await this.#issue(invitation, request, address)
      await attempt('joined')
      const { agent, serial } = issued
      log.info({ agent, serial, address, invitation: invitation?.id }, 'agent.joined')
      return { ...issued, roots: office.trust.roots }
    } catch (error) {
      const code = codeOf(error)
      await attempt(code)
      const about = { address, agent: invitation?.agent, invitation: invitation?.id }
      log.warn({ ...about, code, message: messageOf(error) }, 'join.refused')
      throw error
    }
  }

  async #issue(
    invitation: Invitation | undefined,
    request: string,
    address: string,
  ): Promise<Issued & { agent: string }> {
    const { store, office, life, clock, refresh } = this.#options
    const { id, agent, replace } = this.#usable(invitation)
    const former = replace ? await this.#validOf(agent) : []
    if (!(await store.claim(id, address, clock.now()))) throw refusal('join.used')
    const identity = { role: 'agent', name: agent } as const
    const issued = await office.issueFor(identity, request, { life }).catch(async (error) => {
      await store.release(id)
      throw error
    })
    await store.joined(id, issued.serial)
    for (const { serial } of former) {
      await office.ledger.revoke(serial, `replaced: ${agent} joined anew`)
    }
    if (former.length > 0) await refresh()
    return { ...issued, agent }
  }

  #usable(invitation: Invitation | undefined): Invitation {
    if (invitation === undefined) throw refusal('join.unknown')
    if (invitation.withdrawnAt !== null) throw refusal('join.withdrawn')
    if (invitation.usedAt !== null) throw refusal('join.used')
    if (invitation.expiresAt <= this.#options.clock.now()) throw refusal('join.expired')
    return invitation
  }

  async #validOf(agent: string): Promise<{ serial: string }[]> {
    const { office, clock } = this.#options
    return (await office.ledger.all()).filter(
      ({ role, name, revocation, notAfter }) =>
        role === 'agent' && name === agent && !revocation && notAfter > clock.now(),
    )
  }

  /** Of the root that the server's own certificate stands below. */
  #pin(): string {
    const { credentials, trust } = this.#options.office
    const chain = splitPem(credentials.chain).map((pem) => new X509Certificate(pem))
    const root = rootsOf(trust.roots).find((one) => leadsTo(chain, [one]))
    if (root === undefined) {
      throw new Refusal('request.invalid', 'the server shows a certificate below an unknown root', {
        hint: 'see: vedette certs status',
      })
    }
    return pinOf(root.raw)
  }
}

const WORDS = {
  'join.unknown': 'nobody was invited with this code',
  'join.used': 'this code was used before',
  'join.expired': 'this code has expired',
  'join.withdrawn': 'this code was withdrawn',
} as const

function refusal(code: keyof typeof WORDS): Refusal {
  return new Refusal(code, WORDS[code], { hint: 'make another with: vedette agents invite NAME' })
}

/** The secret has 128 random bits: there is nothing to guess, and no salt is needed. */
function hashOf(secret: Uint8Array): string {
  return createHash('sha256').update(secret).digest('hex')
}
