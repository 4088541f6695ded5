/** Which of the configuration's `retention` says how long what was recorded is kept. */
export type Keep = 'audit' | 'views'

type Kind = { words: string; keep: Keep }

/** Everything that is recorded: what it is called for people, and how long it is kept. */
export const ACTS = {
  'agent.arrived': { words: 'agent connected', keep: 'audit' },
  'agent.left': { words: 'agent disconnected', keep: 'audit' },
  'alert.acknowledged': { words: 'alert acknowledged', keep: 'audit' },
  'alert.confirmed': { words: 'match confirmed', keep: 'audit' },
  'alert.current': { words: 'match seen as it happened', keep: 'audit' },
  'alert.improved': { words: 'match improved', keep: 'audit' },
  'alert.raised': { words: 'match raised an alert', keep: 'audit' },
  'alert.rejected': { words: 'alert rejected', keep: 'audit' },
  'alert.restored': { words: 'rejection taken back', keep: 'audit' },
  'alert.viewed': { words: 'alert viewed', keep: 'views' },
  'alert.withdrawn': { words: 'match withdrawn', keep: 'audit' },
  'alerts.followed': { words: 'alerts followed live', keep: 'views' },
  'alerts.listed': { words: 'alerts listed', keep: 'views' },
  'audit.accepted': { words: 'record accepted as it is', keep: 'audit' },
  'audit.exported': { words: 'record exported', keep: 'audit' },
  'audit.followed': { words: 'record followed live', keep: 'views' },
  'audit.retained': { words: 'record shortened by retention', keep: 'audit' },
  'audit.searched': { words: 'record searched', keep: 'views' },
  'audit.verified': { words: 'record verified', keep: 'audit' },
  'camera.forgotten': { words: 'camera forgotten', keep: 'audit' },
  'camera.placed': { words: 'camera placed', keep: 'audit' },
  'camera.unplaced': { words: "camera's place removed", keep: 'audit' },
  'certificate.issued': { words: 'certificate issued', keep: 'audit' },
  'certificate.renewed': { words: 'certificate renewed', keep: 'audit' },
  'certificate.revoked': { words: 'certificate revoked', keep: 'audit' },
  'certificates.moved': { words: 'certificate rotation moved', keep: 'audit' },
  'configuration.changed': { words: 'configuration changed', keep: 'audit' },
  'entries.checked': { words: 'photographs checked', keep: 'views' },
  'entries.listed': { words: 'entries listed', keep: 'views' },
  'entry.enrolled': { words: 'entry enrolled', keep: 'audit' },
  'entry.photo-removed': { words: 'photograph removed', keep: 'audit' },
  'entry.photo-viewed': { words: 'photograph viewed', keep: 'views' },
  'entry.removed': { words: 'entry removed', keep: 'audit' },
  'entry.tightened': { words: 'entry made stricter', keep: 'audit' },
  'entry.viewed': { words: 'entry viewed', keep: 'views' },
  'evidence.viewed': { words: 'evidence picture viewed', keep: 'views' },
  'invitation.made': { words: 'agent invited', keep: 'audit' },
  'invitation.withdrawn': { words: 'invitation withdrawn', keep: 'audit' },
  'join.refused': { words: 'newcomer refused', keep: 'audit' },
  'join.taken': { words: 'newcomer joined', keep: 'audit' },
  'model.changed': { words: 'model changed', keep: 'audit' },
  'operator.refused': { words: 'request refused', keep: 'audit' },
  'operator.signed-in': { words: 'operator signed in', keep: 'audit' },
  'rejections.listed': { words: 'rejections listed', keep: 'views' },
  'report.made': { words: 'account made', keep: 'views' },
  'request.approved': { words: 'second person consented', keep: 'audit' },
  'request.made': { words: 'second person asked for', keep: 'audit' },
  'request.refused': { words: 'second person refused', keep: 'audit' },
  'server.started': { words: 'server started', keep: 'audit' },
  'server.stopped': { words: 'server stopped', keep: 'audit' },
  'threshold.changed': { words: 'threshold changed', keep: 'audit' },
  'trouble.viewed': { words: 'camera picture viewed', keep: 'views' },
} as const satisfies Record<string, Kind>

export type ActKind = keyof typeof ACTS

export function isActKind(kind: string): kind is ActKind {
  return Object.hasOwn(ACTS, kind)
}
