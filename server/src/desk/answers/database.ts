import { z } from 'zod'
import type { CheckReport } from '../../backup/backups.ts'
import type { Manifest } from '../../backup/manifest.ts'
import type { KeyStatus } from '../../vault/key-rotation.ts'
import { count, exactly, span, text, time, yes } from './exactly.ts'

export const keyAnswer = exactly<KeyStatus>('VaultKey')(
  z.strictObject({
    source: text,
    version: count,
    mark: text,
    versions: z.array(count),
    rewrapped: count,
    running: yes,
    done: yes,
    damaged: count,
  }),
)

export const backupAnswer = exactly<Manifest & { folder: string }>()(
  z.strictObject({
    kind: z.literal('vedette-backup'),
    version: z.literal(1),
    name: text,
    at: time,
    software: text,
    schema: count,
    entries: count,
    acts: count,
    keys: z.array(z.strictObject({ version: count, mark: text })),
    files: z.record(text, z.strictObject({ bytes: count, sha256: text })),
    mac: text,
    folder: text,
  }),
)

export const checkAnswer = exactly<CheckReport>()(
  z.strictObject({
    structure: text.describe('ok, or what is wrong with it'),
    ms: span,
    rows: count,
    damages: z.array(
      z.strictObject({
        table: text,
        row: text,
        what: z.enum(['changed', 'missing', 'unsealed', 'put-back']),
      }),
    ),
  }),
)
