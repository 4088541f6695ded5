import argon2 from 'argon2'
import { serveParent } from '../child.ts'
import { COST } from './password-cost.ts'

/** What is asked of the process. Passwords come as they are to be hashed. */
export type PasswordRequest =
  | { kind: 'hash'; password: string }
  | { kind: 'verify'; hash: string; password: string }

export type PasswordReply =
  /** As argon2 encodes it. */
  | { kind: 'hashed'; hash: string }
  /** `stale`: it is right, and should be made anew. */
  | { kind: 'verified'; right: boolean; stale: boolean }

const cost = { type: argon2.argon2id, ...COST } as const

serveParent(handle)

async function handle(request: PasswordRequest): Promise<PasswordReply> {
  if (request.kind === 'hash') {
    return { kind: 'hashed', hash: await argon2.hash(request.password, cost) }
  }
  const { hash, password } = request
  const right = await argon2.verify(hash, password)
  return { kind: 'verified', right, stale: right && argon2.needsRehash(hash, cost) }
}
