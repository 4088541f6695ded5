import { join } from 'node:path'
import { readCredentials, renewalSteps, trustStep } from '@vedette/shared/credentials'
import type { Credentials } from '@vedette/shared/tls'
import { writeAtomic } from './files.ts'

/**
 * Puts renewed credentials in the place of those in `folder`, file by file: whenever it is cut
 * short, the folder can be used. On the disk when this resolves.
 */
export async function keepRenewed(folder: string, next: Credentials): Promise<void> {
  const before = await readCredentials(folder)
  const steps = renewalSteps(before, next)
  if (next.trust !== before.trust) steps.push(trustStep(next.trust))
  for (const { file, text, secret } of steps) {
    await writeAtomic(join(folder, file), text, secret ? 0o600 : 0o644)
  }
}
