import {
  type Authority,
  createIssuing,
  createRoot,
  IssuingAuthority,
} from '@vedette/certs/authority'
import { Office } from '@vedette/certs/office'
import { splitChain } from '@vedette/certs/pem'
import { issueCredentials } from '@vedette/certs/pki'
import { ExtendedKeyUsage, type JsonGeneralNames } from '@vedette/certs/x509'
import { readCredentials } from '@vedette/shared/credentials'
import type { Identity } from '@vedette/shared/identity'
import type { Credentials } from '@vedette/shared/tls'
import { issuingAuthorityOf } from './certs-deployment.ts'
import { agentUri, type Forged, type Forgery, forge } from './certs-forge.ts'

/** Credentials that a server must refuse to an agent. */
export type BadCertificate = {
  name: string
  /** With an empty chain and key the peer shows no certificate at all. */
  credentials: Credentials
  /** Who must refuse: the TLS handshake, the reading of the identity, or the ledger. */
  by: 'tls' | 'identity' | 'ledger'
  /** Node's name of OpenSSL's complaint (UNSPECIFIED: it has none), or the IdentityFault's code. */
  reason: string
}

type Shown = { chain: string; key: string }
type Row = [name: string, reason: string, shown: Shown]

const DAY = 86_400_000
const agent: Identity = { role: 'agent', name: 'gate-7' }
const names = [agentUri('gate-7')]

/**
 * Every kind of certificate that must not get in as an agent of the deployment below `home`. What
 * its keys have signed stands in its ledger as agent gate-7, save the one whose fault is to be
 * missing there: so nothing but the fault in the name can be the cause of a refusal.
 */
export async function badCertificates(home: string): Promise<BadCertificate[]> {
  const forger = await Forger.at(home)
  const { trust } = forger.honest
  const rows = async (by: BadCertificate['by'], made: Promise<Row[]>) =>
    (await made).map(([name, reason, { chain, key }]) => {
      return { name, by, reason, credentials: { chain, key, trust } }
    })
  return [
    ...(await rows('tls', withoutTrust())),
    ...(await rows('tls', withFaultyLeaf(forger))),
    ...(await rows('tls', withFaultyChain(forger))),
    ...(await rows('identity', withFaultyNames(forger))),
    ...(await rows('ledger', withFaultyRecord(forger))),
  ]
}

/** Holds what a thief of the issuing key and of one agent's credentials would hold. */
class Forger {
  readonly issuing: Authority
  readonly honest: Credentials
  readonly office: Office

  private constructor(issuing: Authority, honest: Credentials, office: Office) {
    this.issuing = issuing
    this.honest = honest
    this.office = office
  }

  static async at(home: string): Promise<Forger> {
    const { folder } = await issueCredentials({ home, identity: { role: 'agent', name: 'honest' } })
    return new Forger(
      await issuingAuthorityOf(home),
      await readCredentials(folder),
      await Office.open(home),
    )
  }

  /** A forged certificate below `issuer`, in the ledger. */
  async forge(forgery: Forgery, issuer = this.issuing): Promise<Forged> {
    const forged = await forge(issuer, forgery)
    const authority = this.office.standing.signs
    await this.office.ledger.record({ ...forged, ...agent, authority })
    return forged
  }

  /** The same with the chain that an honest agent would show. */
  async show(forgery: Forgery): Promise<Shown> {
    const { certificate, key } = await this.forge(forgery)
    return { chain: certificate + this.issuing.certificate, key }
  }

  /** An honest certificate, in the ledger. */
  async issue(identity: Identity): Promise<Shown & { serial: string }> {
    return this.office.issue(identity)
  }
}

async function withoutTrust(): Promise<Row[]> {
  const now = Date.now()
  const own = await forge(undefined, { names })
  const root = await createRoot({ now })
  const authority = await IssuingAuthority.load(await createIssuing(root, { now }))
  const stranger = await authority.issue(agent, { now })
  const sentAlong = { chain: stranger.chain + root.certificate, key: stranger.key }
  return [
    ['no certificate', 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE', { chain: '', key: '' }],
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT', { chain: own.certificate, key: own.key }],
    ['root of another deployment', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', stranger],
    ['root of another deployment, sent along', 'SELF_SIGNED_CERT_IN_CHAIN', sentAlong],
  ]
}

async function withFaultyLeaf(forger: Forger): Promise<Row[]> {
  const now = Date.now()
  const { serverAuth } = ExtendedKeyUsage
  const server = await forger.issue({ role: 'server', name: 'hub' })
  return [
    ['expired', 'CERT_HAS_EXPIRED', await forger.show({ names, now: now - 40 * DAY })],
    ['not yet valid', 'CERT_NOT_YET_VALID', await forger.show({ names, now: now + 2 * DAY })],
    ['for servers to use', 'INVALID_PURPOSE', await forger.show({ names, usage: serverAuth })],
    ['of the server itself', 'INVALID_PURPOSE', server],
    [
      'issuing authority named, but it did not sign',
      'CERT_SIGNATURE_FAILURE',
      await forger.show({ names, ownSignature: true }),
    ],
  ]
}

async function withFaultyChain(forger: Forger): Promise<Row[]> {
  const { chain, key, trust } = forger.honest
  const leaf = splitChain(chain)[0]!
  const belowLeaf = await forger.forge({ names }, { certificate: leaf, key })
  const middle = await forger.forge({ subject: 'Vedette middle', pathLength: 0 })
  const tooDeep = await forger.forge({ names }, middle)
  return [
    ['issuing authority left out', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', { chain: leaf, key }],
    [
      'chain that jumps from leaf to root',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      { chain: leaf + trust, key },
    ],
    [
      'issued by an agent',
      'UNSPECIFIED',
      { chain: belowLeaf.certificate + chain, key: belowLeaf.key },
    ],
    [
      'issued by an authority below the issuing one',
      'PATH_LENGTH_EXCEEDED',
      {
        chain: tooDeep.certificate + middle.certificate + forger.issuing.certificate,
        key: tooDeep.key,
      },
    ],
  ]
}

async function withFaultyNames(forger: Forger): Promise<Row[]> {
  const dns = { type: 'dns', value: 'gate-7' } as const
  const url = (value: string) => ({ type: 'url', value }) as const
  const malformed: [string, JsonGeneralNames | undefined][] = [
    ['common name alone', undefined],
    ['host name alone', [dns]],
    ['host name beside the URI', [...names, dns]],
    ['two URIs', [...names, agentUri('gate-8')]],
    ['the same URI twice', [...names, ...names]],
    ['URI of another scheme', [url('spiffe://vedette/agent/gate-7')]],
    ['role that is none', [url('urn:vedette:admin:gate-7')]],
    ['wildcard', [agentUri('*')]],
    ['upper-case name', [agentUri('GATE-7')]],
    ['upper-case URI', [url('URN:VEDETTE:AGENT:gate-7')]],
    ['outer hyphen', [agentUri('gate-')]],
    ['space in the name', [agentUri('gate 7')]],
    ['line feed behind the name', [agentUri('gate-7\n')]],
    ['zero byte in the name', [agentUri('gate-7\0.example')]],
    ['another entry inside the name', [agentUri('gate-7, URI:urn:vedette:agent:gate-8')]],
    ['empty name', [agentUri('')]],
    ['name of 64 characters', [agentUri('g'.repeat(64))]],
  ]
  const rows: Row[] = []
  for (const [name, odd] of malformed) {
    const shown = await forger.show(odd === undefined ? {} : { names: odd })
    rows.push([name, 'identity.malformed', shown])
  }
  const operator = await forger.issue({ role: 'operator', name: 'anna' })
  return [...rows, ['of an operator', 'identity.wrong-role', operator]]
}

async function withFaultyRecord(forger: Forger): Promise<Row[]> {
  const { ledger } = forger.office
  const authority = await IssuingAuthority.load(forger.issuing)
  const unknown = await authority.issue(agent, { now: Date.now() })
  const revoked = await forger.issue(agent)
  await ledger.revoke(revoked.serial, 'camera stolen')
  return [
    ['not in the ledger', 'identity.unknown', unknown],
    ['revoked', 'identity.revoked', revoked],
  ]
}
