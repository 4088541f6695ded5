import { z } from 'zod'
import { PASSWORD_HEADER } from './headers.ts'
import { PROBLEM_TYPE, problemSchema } from './problem.ts'
import { REASON_HEADER } from './recording.ts'
import type { Described } from './taking.ts'

/** JSON Schema of draft 2020-12, as OpenAPI 3.1 has it. */
type Schema = { [key: string]: unknown }
type Parameter = {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  schema: unknown
  description?: string
}
type Media = Record<string, { schema: Schema }>
export type Operation = {
  operationId: string
  summary?: string
  tags: string[]
  parameters: Parameter[]
  requestBody?: { required: boolean; content: Media }
  responses: Record<string, { description: string; content?: Media } | { $ref: string }>
  /** The permission that whoever asks must have; null where nobody need be signed in. */
  'x-needs': string | null
  /** Whether the password is asked for once more. */
  'x-grave': boolean
  /** The act that is recorded when it succeeds; those that change something record their own. */
  'x-recorded-as'?: string
}
export type OpenApi = {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string }
  servers: { url: string }[]
  security: Record<string, string[]>[]
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, unknown>>
}

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'multipart/form-data'

/**
 * The document of `routes`, from what they say of themselves.
 * Source: https://spec.openapis.org/oas/v3.1.0
 */
export function openApi(routes: readonly Described[], version: string): OpenApi {
  const paths: OpenApi['paths'] = {}
  for (const route of routes) {
    // Whatever may be asked for with GET may be with HEAD.
    if (route.method === 'HEAD' || !/^\/api\/[^*]+$/.test(route.url)) continue
    const path = route.url.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'The desk of Vedette',
      version,
      description:
        'What people may ask of the server, with a certificate or signed in at the console. ' +
        'Every error is a Problem (RFC 9457).',
    },
    servers: [{ url: '/' }],
    security: [{ certificate: [] }, { session: [], csrf: [] }],
    paths,
    components: {
      securitySchemes: {
        certificate: { type: 'mutualTLS', description: "An operator's certificate." },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-vedette' },
        csrf: {
          type: 'apiKey',
          in: 'header',
          name: 'x-vedette-csrf',
          description: 'Of the session; with everything but GET and HEAD.',
        },
      },
      schemas: { Problem: sent(problemSchema()) },
      responses: {
        Problem: {
          description: 'It was refused, or went wrong.',
          content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  }
}

function operationOf({ method, url, config, schema }: Described): Operation {
  const { needs, open, grave = false, act } = config
  return {
    operationId: operationId(method, url),
    ...(schema.summary !== undefined && { summary: schema.summary }),
    tags: [url.split('/')[2] ?? ''],
    parameters: [
      ...pathParameters(url, schema.params),
      ...queryParameters(schema.querystring),
      ...(open ? [] : [header(REASON_HEADER, 'Why, percent-encoded; it is recorded.')]),
      ...(grave ? [header(PASSWORD_HEADER, 'Your password, percent-encoded.')] : []),
    ],
    ...bodyOf({ method, url, config, schema }),
    responses: { ...answerOf(config), default: { $ref: '#/components/responses/Problem' } },
    'x-needs': needs ?? null,
    'x-grave': grave,
    ...(act !== undefined && { 'x-recorded-as': act }),
  }
}

/** Like get-alerts-id-chip. */
function operationId(method: string, url: string): string {
  return [method.toLowerCase(), ...url.split('/').slice(2)].join('-').replaceAll(':', '')
}

function pathParameters(url: string, params: unknown): Parameter[] {
  const known = isZod(params) ? propertiesOf(taken(params)) : {}
  const names = [...url.matchAll(/:(\w+)/g)].map(([, name]) => name!)
  return names.map((name) => {
    const schema = known[name] ?? { type: 'string' }
    return { name, in: 'path', required: true, schema }
  })
}

function queryParameters(querystring: unknown): Parameter[] {
  if (!isZod(querystring)) return []
  const schema = taken(querystring)
  const required = new Set(schema.required as string[] | undefined)
  return Object.entries(propertiesOf(schema)).map(([name, of]) => {
    return { name, in: 'query', required: required.has(name), schema: of }
  })
}

function header(name: string, description: string): Parameter {
  return { name, in: 'header', required: false, schema: { type: 'string' }, description }
}

function bodyOf({ config, schema }: Described): Pick<Operation, 'requestBody'> {
  if (config.form !== undefined) {
    const form = taken(config.form.fields)
    const photo = { type: 'string', contentMediaType: 'image/*' }
    const several = config.form.photos === 'several'
    const files = { photo: several ? { type: 'array', items: photo } : photo }
    const properties = { ...propertiesOf(form), ...files }
    return {
      requestBody: {
        required: true,
        content: { [FORM_TYPE]: { schema: { ...form, properties } } },
      },
    }
  }
  if (!isZod(schema.body)) return {}
  const required = !schema.body.safeParse({}).success
  return { requestBody: { required, content: { [JSON_TYPE]: { schema: taken(schema.body) } } } }
}

function answerOf({ answer, gives }: Described['config']): Operation['responses'] {
  if (gives !== undefined) {
    return { '200': { description: 'Done.', content: { [gives]: { schema: {} } } } }
  }
  const schema = answer === undefined ? undefined : sent(answer)
  return {
    '2XX': { description: 'Done.', ...(schema && { content: { [JSON_TYPE]: { schema } } }) },
  }
}

function isZod(schema: unknown): schema is z.ZodType {
  return schema instanceof z.ZodType
}

function propertiesOf(schema: Schema): Record<string, unknown> {
  return (schema.properties ?? {}) as Record<string, unknown>
}

/** Of what the desk is told. */
function taken(schema: z.ZodType): Schema {
  return plain(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
}

/** Of what the desk says. */
function sent(schema: z.ZodType): Schema {
  return plain(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }))
}

/** The document says once for all which draft it is. */
function plain({ $schema, ...schema }: Schema): Schema {
  return schema
}
