import { createHash, createHmac } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { IntegrityFault, Refusal } from '@vedette/shared/errors'
import { z } from 'zod'

export const MANIFEST = 'manifest.json'

const contents = z.strictObject({
  kind: z.literal('vedette-backup'),
  version: z.literal(1),
  name: z.string(),
  /** Epoch milliseconds. */
  at: z.number(),
  software: z.string(),
  /** Migrations that wanted.db has behind it. */
  schema: z.number().int(),
  entries: z.number().int(),
  /** How far the record had come. */
  acts: z.number().int(),
  /** Versions of the vault's key, one of which opens it. */
  keys: z.array(z.strictObject({ version: z.number().int(), mark: z.string() })),
  files: z.record(
    z.string().regex(/^[a-z.]+$/),
    z.strictObject({ bytes: z.number().int(), sha256: z.string() }),
  ),
})
const manifest = contents.extend({
  /** HMAC-SHA-256 of all the rest, by the key that rows are sealed with; hexadecimal. */
  mac: z.string(),
})

export type Contents = z.infer<typeof contents>
export type Manifest = z.infer<typeof manifest>

export function sealManifest(all: Contents, key: Buffer): Manifest {
  return { ...all, mac: macOf(all, key) }
}

export function isOwn({ mac, ...all }: Manifest, key: Buffer): boolean {
  return macOf(all, key) === mac
}

/** Throws Refusal `backup.not-found`, IntegrityFault `backup.changed`. */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch((cause) => {
    throw new Refusal('backup.not-found', `there is no backup in ${folder}`, {
      cause,
      hint: 'name the folder that has a manifest.json; vedette db backup FOLDER makes one',
    })
  })
  try {
    return manifest.parse(JSON.parse(text))
  } catch (cause) {
    throw changed(`${join(folder, MANIFEST)} is no manifest`, cause)
  }
}

/** Throws IntegrityFault `backup.changed` where a file is not as the manifest says. */
export async function checkFiles(folder: string, { files }: Manifest): Promise<void> {
  for (const [name, { bytes, sha256 }] of Object.entries(files)) {
    const found = await hashOf(join(folder, name)).catch((cause) => {
      throw changed(`${name} cannot be read`, cause)
    })
    if (found.bytes !== bytes || found.sha256 !== sha256) throw changed(`${name} was changed`)
  }
}

export async function hashOf(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), async (chunks) => {
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      hash.update(chunk)
      bytes += chunk.length
    }
  })
  return { bytes, sha256: hash.digest('hex') }
}

export function changed(message: string, cause?: unknown): IntegrityFault {
  return new IntegrityFault('backup.changed', message, {
    cause,
    hint: 'take another backup; vedette db verify FOLDER says which are whole',
  })
}

function macOf(all: Contents, key: Buffer): string {
  const parsed = contents.parse(all)
  return createHmac('sha256', key)
    .update('vedette backup')
    .update(JSON.stringify(parsed))
    .digest('hex')
}
