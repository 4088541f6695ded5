import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigFault, codeOf, messageOf } from '@vedette/shared/errors'
import { newSealKey, parseSealKey, sealKeyText } from '@vedette/shared/seal'

/** The key that seals an outbox; `made` says that it opens nothing that was sealed before. */
export type OutboxKey = { key: Buffer; made: boolean }

/**
 * Reads the key (64 hexadecimal digits) from `file`, or from `folder`, where one is made if there is
 * none. Throws ConfigFault where a person must mend the file.
 */
export function openOutboxKey(folder: string, file?: string): OutboxKey {
  const own = join(folder, 'outbox.key')
  const text = readText(file ?? own)
  if (text === undefined && file === undefined) {
    const key = newSealKey()
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(own, sealKeyText(key), { mode: 0o600, flag: 'wx' })
    return { key, made: true }
  }
  const key = text === undefined ? undefined : parseSealKey(text)
  if (key !== undefined) return { key, made: false }
  const problem = text === undefined ? 'is not there' : 'does not hold 64 hexadecimal digits'
  throw new ConfigFault('config.missing', `the key of the outbox, ${file ?? own}, ${problem}`, {
    hint:
      file === undefined
        ? 'restore it, or remove it: what waits in the outbox is then lost'
        : 'make one with: openssl rand -hex 32',
  })
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw new ConfigFault('config.unreadable', `cannot read ${file}: ${messageOf(cause)}`, {
      cause,
      hint: 'the agent must be able to read the key of its outbox',
    })
  }
}
