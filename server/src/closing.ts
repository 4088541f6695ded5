import type { Escalation } from './alerts/escalation.ts'
import type { Witness } from './audit/witness.ts'
import type { Watchfulness } from './cameras/watchfulness.ts'
import type { Channels } from './channels/channels.ts'
import type { Desk } from './desk/desk.ts'
import type { Deliveries } from './gate/deliveries.ts'
import type { Gate } from './gate/gate.ts'
import type { Ground } from './ground.ts'
import type { Joining } from './join/joining.ts'
import type { Places } from './places/places.ts'
import type { Sweeper } from './retention/sweeper.ts'
import type { Settings } from './settings.ts'
import type { Recognition } from './spaces/recognition.ts'

/** What a server is made of while it serves. */
export type Parts = Recognition &
  Omit<Ground, 'authority'> & {
    settings: Settings
    witness: Witness
    sweeper: Sweeper
    deliveries: Deliveries
    places: Places
    watchfulness: Watchfulness
    gate: Gate
    escalation: Escalation
    joining: Joining
    channels: Channels
    desk: Desk
    watch: { stop(): void }
  }

/** The last first, save what others still need to finish what was accepted. */
export async function closeAll(parts: Parts): Promise<void> {
  const { certificates, joining, channels, gate, deliveries, watch, desk } = parts
  const { galleries, photos, change, comparison, expiry, watchfulness } = parts
  const { alerts, audit, witness, sweeper, escalation, judges, nearMisses, usage, past } = parts
  const { places, staff, kept, keeping } = parts
  watch.stop()
  watchfulness.stop()
  await expiry[Symbol.asyncDispose]()
  alerts.stop()
  await certificates[Symbol.asyncDispose]()
  await joining.door[Symbol.asyncDispose]()
  await gate[Symbol.asyncDispose]()
  await deliveries[Symbol.asyncDispose]()
  await places[Symbol.asyncDispose]()
  await escalation[Symbol.asyncDispose]()
  await channels[Symbol.asyncDispose]()
  judges.stop()
  await nearMisses[Symbol.asyncDispose]()
  await usage[Symbol.asyncDispose]()
  await desk[Symbol.asyncDispose]()
  await past[Symbol.asyncDispose]()
  await change[Symbol.asyncDispose]()
  await comparison.settled()
  await Promise.all([galleries[Symbol.asyncDispose](), photos[Symbol.asyncDispose]()])
  await judges[Symbol.asyncDispose]()
  await keeping.backups[Symbol.asyncDispose]()
  await keeping.keys[Symbol.asyncDispose]()
  await keeping.eraser[Symbol.asyncDispose]()
  await staff[Symbol.asyncDispose]()
  await sweeper[Symbol.asyncDispose]()
  await witness[Symbol.asyncDispose]()
  await audit[Symbol.asyncDispose]()
  await kept[Symbol.asyncDispose]()
}
