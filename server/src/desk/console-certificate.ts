import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { ConfigFault, messageOf } from '@vedette/shared/errors'
import { showOptions } from '@vedette/shared/tls'
import type { ConsoleConfig } from './console-config.ts'
import type { Shown } from './desk.ts'

/**
 * The certificate that the configuration names for browsers; undefined where it names none. Throws
 * ConfigFault `config.missing`, `config.invalid`.
 */
export async function readShown({
  certificate,
  key,
}: Pick<ConsoleConfig, 'certificate' | 'key'>): Promise<Shown | undefined> {
  if (certificate === undefined || key === undefined) return undefined
  const [chain, secret] = await Promise.all([read(certificate), read(key)])
  const shown = { chain, key: secret }
  try {
    createSecureContext(showOptions(shown))
  } catch (cause) {
    throw new ConfigFault('config.invalid', `${certificate}: ${messageOf(cause)}`, {
      cause,
      hint: 'console.certificate and console.key are PEM, and belong together',
    })
  }
  return shown
}

function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause) => {
    throw new ConfigFault('config.missing', `cannot read ${file}`, {
      cause,
      hint: 'console.certificate and console.key name PEM files that the server may read',
    })
  })
}
