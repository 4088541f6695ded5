import { createHash } from 'node:crypto'

/** Tells one configuration from another without telling what is in it: SHA-256, hexadecimal. */
export function configurationHash(config: object): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex')
}
