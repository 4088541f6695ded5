/** What a message says by name and number: nothing that is not in it. Values are names, never text. */
export type FaultParams = Readonly<Record<string, string | number | readonly string[]>>

export type FaultOptions = {
  cause?: unknown
  hint?: string
  /** For whoever says it in another language, by its code. */
  params?: FaultParams
  /** When the same may succeed, milliseconds from now, where that is known. */
  retryAfter?: number
}

/**
 * What went wrong, for the loop that must decide: one class per kind of recovery. The code crosses
 * the wire and the log; the message is for the person at the machine; the hint says what to do next.
 */
export abstract class Fault<Code extends string = string> extends Error {
  abstract readonly retryable: boolean
  readonly code: Code
  readonly hint: string | undefined
  readonly retryAfter: number | undefined
  readonly params: FaultParams | undefined

  constructor(code: Code, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.hint = options.hint
    this.retryAfter = options.retryAfter
    this.params = options.params
  }
}

export type ProtocolCode =
  | 'envelope.empty'
  | 'envelope.too-large'
  | 'envelope.truncated'
  | 'body.truncated'
  | 'body.trailing-bytes'
  | 'body.too-deep'
  | 'body.too-many-elements'
  | 'body.string-too-long'
  | 'body.binary-too-long'
  | 'body.extension'
  | 'body.reserved-byte'
  | 'body.not-finite'
  | 'body.unsafe-integer'
  | 'body.not-utf8'
  | 'body.bad-key'
  | 'body.duplicate-key'
  | 'message.not-a-map'
  | 'message.unknown-type'
  | 'message.invalid'
  | 'embedding.wrong-length'
  | 'embedding.not-finite'
  | 'embedding.not-unit'
  | 'chip.not-jpeg'
  | 'chip.too-large'
  | 'session.out-of-order'
  | 'session.sequence'
  | 'session.unknown-camera'
  | 'view.piece'

/** The peer broke the protocol: close, and do not read from it again. */
export class ProtocolFault extends Fault<ProtocolCode> {
  readonly retryable = false
}

export type IdentityCode =
  | 'identity.none'
  | 'identity.untrusted'
  | 'identity.malformed'
  | 'identity.wrong-role'
  | 'identity.wrong-name'
  | 'identity.unknown'
  | 'identity.revoked'
  | 'identity.expired'
  | 'identity.refused'
  | 'identity.wrong-pin'
  | 'identity.bad-chain'
  | 'identity.bad-trust'

/** The peer is not who it must be: refuse it, and say so in the log. */
export class IdentityFault extends Fault<IdentityCode> {
  readonly retryable = false
}

export type ConfigCode =
  | 'config.unreadable'
  | 'config.syntax'
  | 'config.invalid'
  | 'config.missing'
  | 'config.exists'
  | 'config.fixed'
  | 'config.denied'

/** A person must mend a file before the program can run (exit status 78, EX_CONFIG). */
export class ConfigFault extends Fault<ConfigCode> {
  readonly retryable = false
}

export type RefusalCode =
  | 'photo.unreadable'
  | 'photo.wrong-type'
  | 'photo.too-large'
  | 'photo.too-many-pixels'
  | 'photo.no-face'
  | 'photo.several-faces'
  | 'photo.poor-face'
  | 'photo.other-person'
  | 'photo.wolf'
  | 'photo.none'
  | 'photo.too-many'
  | 'entry.not-found'
  | 'entry.invalid'
  | 'entry.last-photo'
  | 'entry.duplicate'
  | 'entry.expiry'
  | 'entry.wrong-state'
  | 'entry.unmergeable'
  | 'entry.unsplittable'
  | 'entry.incomplete'
  | 'alert.not-found'
  | 'alert.own'
  | 'alert.too-late'
  | 'alert.wrong-state'
  | 'list.not-found'
  | 'list.invalid'
  | 'list.exists'
  | 'list.not-empty'
  | 'list.last'
  | 'list.same'
  | 'past.no-picture'
  | 'evidence.no-reason'
  | 'past.no-reason'
  | 'sighting.not-found'
  | 'rejection.not-found'
  | 'camera.not-found'
  | 'camera.connected'
  | 'channel.invalid'
  | 'channel.not-found'
  | 'channel.too-many'
  | 'channel.unreached'
  | 'channel.off'
  | 'trouble.not-found'
  | 'live.no-reason'
  | 'live.not-seen'
  | 'live.too-many'
  | 'plan.not-found'
  | 'plan.too-many'
  | 'agent.not-found'
  | 'geocode.off'
  | 'geocode.not-found'
  | 'threshold.invalid'
  | 'threshold.not-found'
  | 'route.not-found'
  | 'request.invalid'
  | 'request.forbidden'
  | 'request.busy'
  | 'request.key-reused'
  | 'request.too-many'
  | 'request.not-found'
  | 'request.decided'
  | 'request.expired'
  | 'request.own'
  | 'request.no-reason'
  | 'join.malformed'
  | 'join.unknown'
  | 'join.used'
  | 'join.expired'
  | 'join.withdrawn'
  | 'invitation.not-found'
  | 'invitation.wrong-state'
  | 'certificate.exists'
  | 'certificate.not-found'
  | 'certificate.wrong-state'
  | 'rotation.wrong-state'
  | 'rotation.not-followed'
  | 'crl.not-found'
  | 'password.missing'
  | 'password.weak'
  | 'password.wrong'
  | 'backup.not-found'
  | 'vault.no-newer'
  | 'vault.not-done'
  | 'vault.other-key'
  | 'passphrase.missing'
  | 'passphrase.wrong'
  | 'model.not-found'
  | 'model.invalid'
  | 'model.changed'
  | 'model.exists'
  | 'model.uncalibrated'
  | 'model.unfit'
  | 'model.incomplete'
  | 'import.not-found'
  | 'import.own'
  | 'import.spent'
  | 'import.too-many'
  | 'import.unreadable'
  | 'import.wrong-state'
  | 'operator.disabled'
  | 'operator.exists'
  | 'operator.invalid'
  | 'operator.last-admin'
  | 'operator.not-allowed'
  | 'operator.not-found'
  | 'operator.own'
  | 'operator.unknown'
  | 'captcha.missing'
  | 'captcha.wrong'
  | 'second-factor.exists'
  | 'second-factor.none'
  | 'second-factor.off'
  | 'second-factor.wrong'
  | 'session.csrf'
  | 'session.foreign'
  | 'session.missing'
  | 'session.not-found'
  | 'session.owes'
  | 'session.wall'
  | 'signin.refused'
  | 'signin.stopped'
  | 'evaluate.bad-pairs'
  | 'evaluate.bad-enrol'
  | 'evaluate.bad-truth'
  | 'evaluate.not-found'
  | 'evaluate.too-few'

/** What was asked for is not possible as asked; asking differently may help. */
export class Refusal extends Fault<RefusalCode> {
  readonly retryable = false
}

export type UnavailableCode =
  | 'camera.ffmpeg-missing'
  | 'camera.ffmpeg-broken'
  | 'camera.ffmpeg-old'
  | 'camera.jail-missing'
  | 'camera.not-found'
  | 'camera.ended'
  | 'camera.stalled'
  | 'camera.died'
  | 'camera.bad-frames'
  | 'channel.unresolved'
  | 'speech.busy'
  | 'speech.missing'
  | 'uplink.unreachable'
  | 'uplink.refused'
  | 'uplink.closed'
  | 'uplink.silent'
  | 'desk.unreachable'
  | 'live.full'
  | 'geocode.unreachable'
  | 'model.unreachable'
  | 'store.full'
  | 'erasure.unfinished'
  | 'store.busy'
  | 'store.in-use'
  | 'store.failed'
  | 'evaluate.agent'
  | 'renewal.throttled'
  | 'join.closed'
  | 'enrolment.throttled'
  | 'operator.throttled'
  | 'password.busy'
  | 'password.wait'
  | 'signin.wait'
  | 'worker.died'
  | 'worker.overloaded'
  | 'service.ill'
  | 'service.failed'
  | 'gallery.blind'
  | 'models.changed'

/** Not now: the same request may succeed later. */
export class Unavailable extends Fault<UnavailableCode> {
  readonly retryable = true
}

export type IntegrityCode =
  | 'audit.changed'
  | 'audit.heads-missing'
  | 'audit.key-broken'
  | 'audit.key-missing'
  | 'audit.rolled-back'
  | 'model.missing'
  | 'model.manifest'
  | 'model.changed'
  | 'model.unknown'
  | 'model.unsupported'
  | 'crl.unreadable'
  | 'crl.foreign'
  | 'crl.signature'
  | 'crl.older'
  | 'vault.changed'
  | 'vault.key-missing'
  | 'operators.missing'
  | 'operators.older'
  | 'backup.changed'
  | 'vault.key-invalid'
  | 'vault.key-lost'
  | 'vault.wrong-key'
  | 'store.newer-schema'
  | 'store.pragma'
  | 'store.damaged'

/** Bytes are not what they must be: refuse to start rather than run on them. */
export class IntegrityFault extends Fault<IntegrityCode> {
  readonly retryable = false
}

/** The code of any thrown value, for a log line. */
export function codeOf(error: unknown): string {
  if (error instanceof Fault) return error.code
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return 'internal'
}

/** The message of any thrown value, for a log line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
