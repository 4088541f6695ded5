import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { OpenApi, Operation } from '@vedette/server/desk/openapi'
import { openApi } from '@vedette/server/desk/openapi'
import { problemOf } from '@vedette/server/desk/problem'
import { type Answers, taking } from '@vedette/server/desk/taking'
import { PERMISSIONS } from '@vedette/server/operators/permissions'
import {
  Refusal,
  type RefusalCode,
  Unavailable,
  type UnavailableCode,
} from '@vedette/shared/errors'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { HeldToIt } from '../../support/server-answers.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'

const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let document: OpenApi

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  document = jsonOf(await desk.user(deployment.anna).get('/openapi.json'))
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const operations = (): [string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]): [string, Operation] => [`${method} ${path}`, one]),
  )

const faultOf = (code: string) =>
  code.startsWith('store.')
    ? new Unavailable(code as UnavailableCode, '')
    : new Refusal(code as RefusalCode, '')

describe('the document of the desk', () => {
  it('knows every route of both doors that programs may ask', () => {
    const whole = openApi(desk.desk.described, '1')
    const known = Object.entries(whole.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const there = desk.desk.consoleRoutes.flatMap(({ methods, url }) =>
      methods.map((method) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`),
    )
    const asked = there.filter((one) => /^(?!HEAD)\w+ \/api\/[^*]+$/.test(one))
    expect(known.toSorted()).toEqual(asked.toSorted())
    expect(operations().length).toBeGreaterThan(90)
  })

  it('says of every route what it does and what it needs, under one name', () => {
    const nameless = operations().filter(([, { summary = '' }]) => summary.length < 5)
    expect(nameless.map(([route]) => route)).toEqual([])
    const ids = operations().map(([, { operationId }]) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [route, { 'x-needs': needs }] of operations()) {
      expect([route, PERMISSIONS]).toEqual([route, expect.arrayContaining([needs])])
    }
  })

  it('says what is judged: parameters, bodies, forms, whether the password is asked for', () => {
    const named = (path: string, method: string) => {
      const one = document.paths[path]?.[method]
      return [one?.parameters.map(({ name }) => name), one?.['x-grave'], one?.requestBody?.required]
    }
    expect(named('/api/alerts', 'get')).toEqual([
      expect.arrayContaining(['state', 'limit', 'before', 'x-vedette-reason']),
      false,
      undefined,
    ])
    expect(named('/api/operators/{name}/role', 'put')).toEqual([
      ['name', 'x-vedette-reason', 'x-vedette-password'],
      true,
      true,
    ])
    const limit = document.paths['/api/alerts']?.get?.parameters.find(
      ({ name }) => name === 'limit',
    )
    expect(limit).toMatchObject({
      required: false,
      schema: { minimum: 1, maximum: 500, default: 50 },
    })
    const form = document.paths['/api/entries']?.post?.requestBody?.content['multipart/form-data']
    expect(form?.schema).toMatchObject({
      required: ['name'],
      properties: { photo: { type: 'array' }, list: { default: 'wanted' } },
    })
  })

  it('knows every code that an error may have, and with what status it comes', async () => {
    const schema = document.components.schemas?.Problem as {
      properties: { code: { enum: string[]; 'x-statuses': Record<string, number> } }
    }
    const { enum: codes, 'x-statuses': statuses } = schema.properties.code
    const source = await readFile(new URL('../../../shared/src/errors.ts', import.meta.url), 'utf8')
    const unions = ['Refusal', 'Unavailable', 'Integrity', 'Config'].flatMap((kind) => {
      const [, union = ''] = source.match(new RegExp(`type ${kind}Code =([^]+?)\n\n`)) ?? []
      return [...union.matchAll(/'([^']+)'/g)].map(([, code]) => code!)
    })
    expect(unions.length).toBeGreaterThan(150)
    expect([...new Set([...unions, 'internal'])].toSorted()).toEqual([...new Set(codes)].toSorted())
    expect(Object.keys(statuses).toSorted()).toEqual([...new Set(codes)].toSorted())
    for (const code of ['entry.not-found', 'store.full', 'photo.no-face', 'store.busy']) {
      const thrown = problemOf(faultOf(code), 'x')
      expect([code, thrown.status]).toEqual([code, statuses[code]])
    }
  })

  it('is OpenAPI 3.1, by its own schema', async () => {
    const judged = await new Validator().validate(structuredClone(document))
    expect(judged).toEqual({ valid: true })
    const [[path, { get }]] = Object.entries(document.paths).filter(([, { get }]) => get) as [
      [string, { get: Operation }],
    ]
    const worse = { ...document.paths, [path]: { get: { ...get, responses: undefined } } }
    const wrong = JSON.parse(JSON.stringify({ ...document, paths: { ...worse, nowhere: {} } }))
    expect(await new Validator().validate(wrong)).toMatchObject({ valid: false })
  })

  it('says of every route what it answers, and names what several of them share', () => {
    const silent = operations().filter(([, { responses }]) => Object.keys(responses).length < 2)
    expect(silent.map(([route]) => route)).toEqual([])
    const contents = operations().flatMap(([route, { responses }]) =>
      Object.entries(responses).flatMap(([status, answer]) =>
        'content' in answer
          ? Object.entries(answer.content ?? {}).map(
              ([type, { schema }]) => [route, status, type, schema] as const,
            )
          : [],
      ),
    )
    const bare = contents.filter(
      ([, , type, schema]) => (type === 'application/json') !== (schema !== undefined),
    )
    expect(bare).toEqual([])
    const ofAlert = { $ref: '#/components/schemas/Alert' }
    expect(contents).toContainEqual(['get /api/alerts/{id}', '200', 'application/json', ofAlert])
    expect(contents).toContainEqual(['get /api/alerts/{id}/chip', '200', 'image/jpeg', undefined])
    expect(document.paths['/api/lists/{id}']?.delete?.responses).toMatchObject({
      '204': { description: expect.any(String) },
      default: { $ref: '#/components/responses/Problem' },
    })
    // Nothing is shown of whoever it is about but what is described.
    expect(document.components.schemas).toMatchObject({
      Alert: { additionalProperties: false, properties: { score: { type: 'number' } } },
    })
  })

  it('has no route that says not what it answers: such a desk does not open', async () => {
    const opening = (answers?: Answers) => {
      const app = fastify()
      taking(app)
      return app.get('/api/silent', { schema: { ...(answers && { answers }) } }, () => ({}))
    }
    expect(() => opening()).toThrow('GET /api/silent says not what it answers')
    expect(() => opening({ 204: null })).not.toThrow()
  })

  it.each([
    ['more than is described', '/api/lists', { live: 0, secret: 'x' }],
    ['less than is described', '/api/lists', {}],
  ])('is broken by an answer that has %s, and the desk is found out', async (_, __, answer) => {
    const held = new HeldToIt()
    const app = fastify()
    taking(app)
    held.watch(app)
    const answers = { 200: z.strictObject({ live: z.int() }) }
    app.get('/api/lists', { schema: { answers } }, () => answer)
    expect((await app.inject('/api/lists')).statusCode).toBe(500)
    expect(() => held.check()).toThrow(/GET \/api\/lists 200/)
  })

  it('is kept to where hardly anybody asks', async () => {
    const anna = desk.user(deployment.anna)
    const answered = async (answer: Promise<{ status: number }>) => (await answer).status
    const asked = [
      '/audit/key',
      '/certificates',
      '/certificates/readiness/forward',
      '/doctor',
      '/invitations',
      '/invitations/attempts',
      '/lists/wanted',
      '/models',
      '/operators/anna/sessions',
      '/push',
      '/roles',
    ]
    for (const path of asked) expect([path, await answered(anna.get(path))]).toEqual([path, 200])
    const done = ['/audit/verify', '/certificates/refresh', '/database/check']
    for (const path of done) {
      expect([path, await answered(anna.post(path, {}))]).toEqual([path, 200])
    }
    const folder = join(desk.stored.folder, 'copies')
    expect(await answered(anna.post('/database/backups', { folder }))).toBe(201)
    expect(desk.answers.broken).toEqual([])
  })

  it('refers to nothing that is not in it', () => {
    const text = JSON.stringify(document)
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!)
    expect(references.length).toBeGreaterThan(90)
    for (const path of new Set(references)) {
      let at: unknown = document
      for (const step of path.split('/')) at = (at as Record<string, unknown>)[step]
      expect([path, at]).not.toEqual([path, undefined])
    }
  })
})
