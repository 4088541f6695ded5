import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Refusal } from '@vedette/shared/errors'

/**
 * The root key's passphrase: from `file`, from VEDETTE_PASSPHRASE, or typed twice at a terminal.
 * Never from the command line, where every process could read it. Throws Refusal `passphrase.*`.
 */
export async function askPassphrase(file: string | undefined): Promise<string> {
  if (file !== undefined) return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  const given = process.env.VEDETTE_PASSPHRASE
  if (given !== undefined) return given
  if (!process.stdin.isTTY) {
    throw new Refusal('passphrase.missing', 'no passphrase for the root key', {
      hint: 'give it with --passphrase-file FILE or in VEDETTE_PASSPHRASE',
    })
  }
  const first = await askHidden('Passphrase for the root key (12 characters or more): ')
  if (first === (await askHidden('Once more: '))) return first
  throw new Refusal('passphrase.wrong', 'the two passphrases differ')
}

/** The passphrase of a vault key, once: from `file`, from VEDETTE_PASSPHRASE, or typed. Throws as above. */
export async function askVaultPassphrase(file: string | undefined): Promise<string> {
  if (file !== undefined) return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  const given = process.env.VEDETTE_PASSPHRASE
  if (given !== undefined) return given
  if (process.stdin.isTTY) return askHidden('Passphrase of the vault key: ')
  throw new Refusal('passphrase.missing', 'no passphrase for the vault key', {
    hint: 'give it with --passphrase-file FILE or in VEDETTE_PASSPHRASE',
  })
}

/** One line that is typed at the terminal and not shown. */
export async function askHidden(question: string): Promise<string> {
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  const answer = await terminal.question('')
  terminal.close()
  process.stderr.write('\n')
  return answer
}
