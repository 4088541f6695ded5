import { computed, signal } from '@preact/signals'
import type { SessionAnswer } from '@vedette/server/desk/answered/session'
import type { Permission } from '@vedette/server/operators/permissions'

/** Who is signed in here, and as what. */
export type Session = SessionAnswer

/** Undefined until the desk was asked, null where nobody is signed in. */
export const session = signal<Session | null | undefined>(undefined)
/** Told on the sign-in page: a session that was there has ended. */
export const hasEnded = signal(false)

const allowed = computed(() => new Set(session.value?.permissions))

/** Whether whoever is signed in may do that; the desk judges anyway. */
export function may(permission: Permission): boolean {
  return allowed.value.has(permission)
}

export function csrf(): string | undefined {
  return session.peek()?.csrf
}

export function began(next: Session): void {
  hasEnded.value = false
  session.value = next
}

/** The desk does not know this session any more. */
export function ended(): void {
  if (session.peek()) hasEnded.value = true
  session.value = null
}

export function left(): void {
  hasEnded.value = false
  session.value = null
}
