import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { ConfigFault, Refusal } from '@vedette/shared/errors'
import { argon2id, hash } from 'argon2'
import { z } from 'zod'

/** Fewest characters of a passphrase. */
export const PASSPHRASE_CHARACTERS = 12

/** RFC 9106, section 4: the second recommended option, on one lane. Memory in KiB. */
const COST = { memory: 64 * 1024, passes: 3, lanes: 1 } as const

const CIPHER = 'aes-256-gcm'
const SALT_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16

const bytes = z.codec(z.base64(), z.instanceof(Buffer), {
  decode: (text) => Buffer.from(text, 'base64'),
  encode: (value) => value.toString('base64'),
})
const bytesOf = (size: number) => bytes.refine((value) => value.length === size, `${size} bytes`)

/** The upper bounds keep a doctored file from asking for all the memory there is. */
const sealed = z.strictObject({
  version: z.literal(1),
  purpose: z.string(),
  kdf: z.strictObject({
    name: z.literal('argon2id'),
    memory: z
      .number()
      .int()
      .min(8 * 1024)
      .max(1024 * 1024),
    passes: z.number().int().min(1).max(16),
    lanes: z.number().int().min(1).max(16),
    salt: bytesOf(SALT_BYTES),
  }),
  cipher: z.strictObject({
    name: z.literal(CIPHER),
    nonce: bytesOf(NONCE_BYTES),
    tag: bytesOf(TAG_BYTES),
  }),
  key: bytes,
})

type Kdf = z.infer<typeof sealed>['kdf']

/** Throws Refusal `passphrase.missing`, or `request.invalid` for one that is too short. */
export function checkPassphrase(passphrase: string): void {
  if ([...normal(passphrase)].length >= PASSPHRASE_CHARACTERS) return
  throw new Refusal('request.invalid', 'the passphrase is too short', {
    hint: `use at least ${PASSPHRASE_CHARACTERS} characters`,
  })
}

/**
 * Closes `key` (PEM) behind `passphrase` for `purpose`, and returns the text of a JSON file. Throws
 * Refusal `passphrase.missing`, or `request.invalid` for one that is too short.
 */
export async function sealKey(key: string, passphrase: string, purpose: string): Promise<string> {
  checkPassphrase(passphrase)
  const kdf: Kdf = { name: 'argon2id', ...COST, salt: randomBytes(SALT_BYTES) }
  const nonce = randomBytes(NONCE_BYTES)
  const secret = await derive(passphrase, kdf)
  const cipher = createCipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(associated(purpose, kdf))
  const body = Buffer.concat([cipher.update(key, 'utf8'), cipher.final()])
  secret.fill(0)
  const tag = cipher.getAuthTag()
  const file = z.encode(sealed, {
    version: 1,
    purpose,
    kdf,
    cipher: { name: CIPHER, nonce, tag },
    key: body,
  })
  return `${JSON.stringify(file, null, 2)}\n`
}

/**
 * Opens what `sealKey` closed. Throws Refusal `passphrase.missing` or `passphrase.wrong`; a file
 * changed in its ciphertext or its purpose cannot be told from a wrong passphrase. ConfigFault
 * `config.invalid` for a file that is none, or one for another purpose.
 */
export async function openKey(text: string, passphrase: string, purpose: string): Promise<string> {
  const { kdf, cipher, key, ...file } = parse(text)
  if (file.purpose !== purpose) {
    throw new ConfigFault('config.invalid', `sealed key is for ${file.purpose}, not for ${purpose}`)
  }
  const secret = await derive(passphrase, kdf)
  const opener = createDecipheriv(CIPHER, secret, cipher.nonce, { authTagLength: TAG_BYTES })
  opener.setAAD(associated(purpose, kdf)).setAuthTag(cipher.tag)
  try {
    return Buffer.concat([opener.update(key), opener.final()]).toString('utf8')
  } catch (cause) {
    throw new Refusal('passphrase.wrong', 'the passphrase does not open the sealed key', {
      cause,
      hint: 'type it again; if it is right, the file was changed: take it from a backup',
    })
  } finally {
    secret.fill(0)
  }
}

function parse(text: string): z.infer<typeof sealed> {
  try {
    return sealed.parse(JSON.parse(text))
  } catch (cause) {
    throw new ConfigFault('config.invalid', 'not a sealed key file', {
      cause,
      hint: 'take the file from a backup',
    })
  }
}

function derive(passphrase: string, { memory, passes, lanes, salt }: Kdf): Promise<Buffer> {
  return hash(normal(passphrase), {
    type: argon2id,
    memoryCost: memory,
    timeCost: passes,
    parallelism: lanes,
    salt,
    hashLength: 32,
    raw: true,
  })
}

/** One passphrase is typed as several sequences of code points on different keyboards. */
function normal(passphrase: string): string {
  if (passphrase === '') throw new Refusal('passphrase.missing', 'no passphrase was given')
  return passphrase.normalize('NFKC')
}

function associated(purpose: string, { name, memory, passes, lanes }: Kdf): Buffer {
  return Buffer.from(
    JSON.stringify(['vedette sealed key', 1, purpose, name, memory, passes, lanes]),
  )
}
