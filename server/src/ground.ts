import { resolve } from 'node:path'
import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import type { Metrics } from '@vedette/shared/metrics'
import { AuditLog } from './audit/audit-log.ts'
import { countAudit } from './audit/figures.ts'
import { type Authority, openAuthority } from './authority/authority.ts'
import type { Certificates } from './authority/certificates.ts'
import { planOf } from './backup/backups.ts'
import { restored } from './backup/restore.ts'
import type { ServerConfig } from './config.ts'
import type { Own } from './opening.ts'
import { countSignIns } from './operators/figures.ts'
import { openStaff, type Staff } from './operators/staff.ts'
import { KeptStore } from './store/kept.ts'
import type { Store } from './store/store.ts'
import { type Keeping, openKeeping } from './vault/keeping.ts'
import { type KeyMeans, KeySource, parseKeyPlace } from './vault/key-source.ts'

/** What everything else stands on: who signs, what is kept, what is recorded, and who works here. */
export type Ground = {
  authority: Authority
  certificates: Certificates
  kept: KeptStore
  store: Store
  audit: AuditLog
  staff: Staff
  keeping: Keeping
}

type GroundOptions = {
  own: Own
  /** Why the record is to be accepted although it is not what was signed of it. */
  accept: string | undefined
  keyMeans: KeyMeans | undefined
  clock: Clock
  /** Uniform in [0, 1). */
  random: () => number
  log: Log
  metrics: Metrics
}

/** Throws Faults for what a person must mend first. */
export async function openGround(
  config: ServerConfig,
  { own, accept, keyMeans, clock, random, log, metrics }: GroundOptions,
): Promise<Ground> {
  const { home, data, vaultKey } = config
  const { life } = config.certificates
  const authority = await openAuthority({ home, life, clock, random, log, metrics })
  const certificates = own(authority.certificates)
  const source = new KeySource(parseKeyPlace(vaultKey, resolve), keyMeans)
  const reserve = config.store.reserve * 2 ** 20
  const kept = own(await KeptStore.open({ data, vaultKey: source, reserve, clock, log, metrics }))
  const { store } = kept
  const { heads: every, headActs: acts } = config.audit
  const audit = own(
    await AuditLog.open({
      store: store.audit,
      ...{ home, data, heads: { every, acts }, clock, log },
      accept: accept ?? (await restored(data))?.why,
    }),
  )
  const { office } = authority
  const staff = own(
    await openStaff({
      ...{ data, office, record: store.operatorRecord, secrets: store.vaultSecrets },
      ...{ limits: config.console, secondFactor: config.console.secondFactor, clock, log },
    }),
  )
  countAudit(metrics, audit)
  countSignIns(metrics, staff.signIn)
  const keeping = await openKeeping(
    { store, source, data, audit, plan: planOf(config.backup), clock, log },
    own,
  )
  return { authority, certificates, kept, store, audit, staff, keeping }
}
