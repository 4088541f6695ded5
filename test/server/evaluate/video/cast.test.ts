import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { castOf } from '@vedette/server/evaluate/video/cast'
import { Refusal } from '@vedette/shared/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../support/certs-deployment.ts'
import { rejectionOf } from '../../../support/thrown.ts'

const folder = await TemporaryFolder.make()
const at = (name: string) => join(folder.path, name)

beforeAll(async () => {
  await mkdir(at('joe'))
  await mkdir(at('empty'))
  for (const name of ['a.jpg', 'b=c.png', 'd#2.jpg', 'joe/2.jpg', 'joe/1.webp', 'joe/notes.txt']) {
    await writeFile(at(name), '')
  }
})

afterAll(() => folder[Symbol.asyncDispose]())

describe('castOf', () => {
  it('takes photographs, faces in photographs, and folders', async () => {
    const words = [
      `jane=${at('a.jpg')},${at('b=c.png')}#3`,
      `joe=${at('joe')}/`,
      `jane=${at('d#2.jpg')}`,
    ]
    const plain = (name: string) => ({ file: at(name), face: undefined })
    expect([...(await castOf(words))]).toEqual([
      ['jane', [plain('a.jpg'), { file: at('b=c.png'), face: 3 }, plain('d#2.jpg')]],
      ['joe', [plain('joe/1.webp'), plain('joe/2.jpg')]],
    ])
  })

  it.each([
    ['no name', 'a.jpg', 'evaluate.bad-enrol'],
    ['an empty name', '=a.jpg', 'evaluate.bad-enrol'],
    ['no photograph', 'jane=', 'evaluate.bad-enrol'],
    ['a photograph that is not there', 'jane=/no/such.jpg', 'evaluate.not-found'],
    ['a face of a photograph that is not there', 'jane=/no/such.jpg#1', 'evaluate.not-found'],
    ['a folder without pictures', `jane=${at('empty')}`, 'evaluate.not-found'],
  ])('refuses %s', async (_what, word, code) => {
    expect((await rejectionOf(castOf([word]), Refusal)).code).toBe(code)
  })
})
