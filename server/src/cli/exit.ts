import { ConfigFault, codeOf, Fault, IdentityFault, Refusal } from '@vedette/shared/errors'
import { DeskFault } from './desk-fault.ts'

/** Exit statuses of `vedette`, as the README documents them. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  unreachable: 5,
  conflict: 6,
  refused: 7,
  /** Of `vedette status`: not all is well, nobody may rely on it. */
  amber: 8,
  red: 9,
  config: 78,
  interrupted: 130,
} as const

const DENIED: ReadonlySet<string> = new Set([
  'alert.own',
  'request.forbidden',
  'import.own',
  'request.own',
  'operator.disabled',
  'operator.not-allowed',
  'operator.own',
  'operator.unknown',
  'password.missing',
  'password.wait',
  'password.wrong',
])

/** The exit status that tells a script what kind of failure `error` is. */
export function exitStatus(error: unknown): number {
  const code = codeOf(error)
  if (code === 'desk.unreachable') return EXIT.unreachable
  if (code.endsWith('.not-found')) return EXIT.notFound
  if (DENIED.has(code) || error instanceof IdentityFault) return EXIT.denied
  if (
    code.endsWith('.wrong-state') ||
    code.endsWith('.too-late') ||
    code.endsWith('.decided') ||
    code.endsWith('.not-empty') ||
    code.endsWith('.exists') ||
    code.endsWith('.connected')
  )
    return EXIT.conflict
  if (code.startsWith('photo.') || code.startsWith('passphrase.')) return EXIT.refused
  if (error instanceof ConfigFault) return EXIT.config
  if (error instanceof DeskFault && error.status >= 500) return EXIT.failure
  if (error instanceof Refusal || error instanceof DeskFault) return EXIT.refused
  if (error instanceof Fault) return EXIT.failure
  return EXIT.failure
}
