import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { ConfigFault, Refusal } from '@vedette/shared/errors'
import { askHidden } from './passphrase.ts'

/**
 * One's own password, when the desk asks for it: from `file`, from VEDETTE_PASSWORD, or typed at a
 * terminal; undefined where it can be had from none. Never from the command line.
 */
export async function ownPassword(file: string | undefined): Promise<string | undefined> {
  if (file !== undefined) return readSecret(file)
  const given = process.env.VEDETTE_PASSWORD
  if (given !== undefined) return given
  return process.stdin.isTTY ? askHidden('Your password: ') : undefined
}

/** A password to be set, typed twice where no file has it. Throws Refusal `password.missing`, `password.wrong`. */
export async function newPassword(file: string | undefined, of: string): Promise<string> {
  if (file !== undefined) return readSecret(file)
  if (!process.stdin.isTTY) {
    throw new Refusal('password.missing', `no new password for ${of}`, {
      hint: 'give it with --new-password-file FILE',
    })
  }
  const first = await askHidden(`New password of ${of} (15 characters or more): `)
  if (first === (await askHidden('Once more: '))) return first
  throw new Refusal('password.wrong', 'the two passwords differ')
}

async function readSecret(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new ConfigFault('config.missing', `cannot read ${file}`, {
      cause,
      hint: 'a password file holds the password and nothing else',
    })
  })
  return text.replace(/\r?\n$/, '')
}
