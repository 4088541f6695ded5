import { createHash } from 'node:crypto'
import { rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { findModel } from '@vedette/models/manifest'
import { parseRow, readModels } from '@vedette/models/registry'
import { Offer } from '@vedette/server/spaces/offer'
import { WELCOME_LIMIT } from '@vedette/shared/envelope'
import { LIMITS } from '@vedette/shared/scan'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { install, permuted } from '../../support/models-installed.ts'

async function piecesOf(offer: Offer): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for (let offset = 0; ; ) {
    const piece = await offer.piece(offset)
    if (piece === undefined) return Buffer.concat(pieces)
    expect(piece.length).toBeLessThan(Math.min(WELCOME_LIMIT, LIMITS.binaryBytes))
    pieces.push(piece)
    offset += piece.length
  }
}

describe('a model as agents are offered it', () => {
  it.each(['permuted', 'dlib-resnet29-1'])('%s is its row and its file, in pieces', async (id) => {
    await using folder = await TemporaryFolder.make()
    await install(folder.path, await permuted())
    const offer = await Offer.of(findModel(await readModels(folder.path), 'embed', id))
    const row = parseRow(JSON.parse(Buffer.from(offer.row).toString()))
    expect(row).toMatchObject({ id, task: 'embed', sha256: offer.sha256, length: 128 })
    const bytes = await piecesOf(offer)
    expect(bytes).toHaveLength(row.bytes)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(row.sha256)
    expect(await offer.piece(row.bytes)).toBeUndefined()
  })

  it('has nothing to give where its file is cut short or gone', async () => {
    await using folder = await TemporaryFolder.make()
    await install(folder.path, await permuted())
    const offer = await Offer.of(findModel(await readModels(folder.path), 'embed', 'permuted'))
    const file = join(folder.path, 'permuted.onnx')
    await truncate(file, 1000)
    expect(await offer.piece(0)).toHaveLength(1000)
    expect(await offer.piece(1000)).toBeUndefined()
    await rm(file)
    expect(await offer.piece(0)).toBeUndefined()
  })
})
