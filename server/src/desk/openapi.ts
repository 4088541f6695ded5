import { z } from 'zod'
import { PASSWORD_HEADER } from './headers.ts'
import { answersOf, JSON_TYPE, type Media, type Schema } from './openapi-answers.ts'
import { REASON_HEADER } from './recording.ts'
import type { Described } from './taking.ts'

type Parameter = {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  schema: unknown
  description?: string
}
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

const FORM_TYPE = 'multipart/form-data'

/**
 * The document of `routes`, from what they say of themselves.
 * Source: https://spec.openapis.org/oas/v3.1.0
 */
export function openApi(routes: readonly Described[], version: string): OpenApi {
  const paths: OpenApi['paths'] = {}
  // Whatever may be asked for with GET may be with HEAD.
  const asked = routes.filter(({ method, url }) => method !== 'HEAD' && /^\/api\/[^*]+$/.test(url))
  const answers = answersOf(asked)
  for (const route of asked) {
    const path = route.url.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, answers) }
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
      schemas: answers.schemas,
      responses: { Problem: answers.problem },
    },
  }
}

function operationOf(route: Described, answers: ReturnType<typeof answersOf>): Operation {
  const { method, url, config, schema } = route
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
    ...bodyOf(route),
    responses: { ...answers.of(route), default: { $ref: '#/components/responses/Problem' } },
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

/** The document says once for all which draft it is. */
function plain({ $schema, ...schema }: Schema): Schema {
  return schema
}
