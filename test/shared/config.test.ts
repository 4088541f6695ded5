import { duration, parseConfig } from '@vedette/shared/config'
import { ConfigFault } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { thrownBy } from '../support/thrown.ts'

const schema = z.strictObject({
  server: z.strictObject({ host: z.string(), port: z.number().int().positive() }),
  cameras: z.array(z.strictObject({ name: z.string().min(1), every: duration })),
  level: z.enum(['info', 'debug']).default('info'),
})

const text = `# where to report
server:
  host: hub.example
  port: 7443
cameras:
  - name: north
    every: 500ms
  - name: south
    every: 2m
`

function complaintsOf(changed: string): string[] {
  const error = thrownBy(() => parseConfig(changed, schema, 'agent.yaml'), ConfigFault)
  expect(error.code).toBe('config.invalid')
  expect(error.hint).toBe('mend agent.yaml at the places named')
  return error.message.split('\n')
}

describe('parseConfig', () => {
  it('gives what the schema makes of the file', () => {
    expect(parseConfig(text, schema, 'agent.yaml')).toEqual({
      server: { host: 'hub.example', port: 7443 },
      cameras: [
        { name: 'north', every: 500 },
        { name: 'south', every: 120_000 },
      ],
      level: 'info',
    })
  })

  it('points at a value that is wrong', () => {
    const [complaint, ...more] = complaintsOf(text.replace('7443', 'many'))
    expect(complaint).toMatch(/^agent\.yaml:4:9: server\.port: /)
    expect(more).toEqual([])
  })

  it('points at an unknown key, not at the map it stands in', () => {
    const [complaint] = complaintsOf(text.replace('  port', '  prot: 1\n  port'))
    expect(complaint).toMatch(/^agent\.yaml:4:3: server\.prot: /)
    const [outer] = complaintsOf(`${text}colour: red\n`)
    expect(outer).toMatch(/^agent\.yaml:10:1: colour: /)
  })

  it('points at every unknown key', () => {
    const complaints = complaintsOf(`${text}colour: red\nshape: round\n`)
    expect(complaints.map((line) => line.split(': ').slice(0, 2))).toEqual([
      ['agent.yaml:10:1', 'colour'],
      ['agent.yaml:11:1', 'shape'],
    ])
  })

  it('points at the nearest parent of what is missing', () => {
    const [complaint] = complaintsOf(text.replace('  port: 7443\n', ''))
    expect(complaint).toMatch(/^agent\.yaml:3:3: server\.port: /)
  })

  it('points into lists', () => {
    const [complaint] = complaintsOf(text.replace('south', "''"))
    expect(complaint).toMatch(/^agent\.yaml:8:11: cameras\.1\.name: /)
  })

  it('lists every complaint, a line each', () => {
    const complaints = complaintsOf(text.replace('7443', '-1').replace('2m', 'soon'))
    expect(complaints.map((line) => line.split(': ').slice(0, 2))).toEqual([
      ['agent.yaml:4:9', 'server.port'],
      ['agent.yaml:9:12', 'cameras.1.every'],
    ])
  })

  it.each([
    ['an empty file', ''],
    ['nothing but a comment', '# later\n'],
    ['null', 'null\n'],
  ])('reads %s as an empty map and says what is missing', (_what, content) => {
    const complaints = complaintsOf(content)
    expect(complaints[0]).toMatch(/^agent\.yaml:1:1: server: /)
    expect(complaints[1]).toMatch(/^agent\.yaml:1:1: cameras: /)
  })

  it.each([
    ['a list', '- a\n'],
    ['a word', 'hello\n'],
  ])('complains of %s where a map must stand', (_what, content) => {
    expect(complaintsOf(content)[0]).toMatch(/^agent\.yaml:1:1: file: /)
  })

  it.each([
    ['an open quotation', 'server: "hub\n', 'agent.yaml:2:1: '],
    ['a key given twice', 'level: info\nlevel: debug\n', 'agent.yaml:2:1: '],
    ['a tab for indentation', 'server:\n\thost: hub\n', 'agent.yaml:2:1: '],
  ])('says where %s is no YAML', (_what, content, place) => {
    const error = thrownBy(() => parseConfig(content, schema, 'agent.yaml'), ConfigFault)
    expect(error.code).toBe('config.syntax')
    expect(error.message.slice(0, place.length)).toBe(place)
  })
})

describe('parseConfig of aliases', () => {
  it('follows them', () => {
    const content = text.replace('500ms', '&pace 500ms').replace('2m', '*pace')
    expect(parseConfig(content, schema, 'agent.yaml').cameras[1]).toMatchObject({ every: 500 })
  })

  const ten = (of: string) => `[${Array.from({ length: 10 }, () => of).join(', ')}]`
  it.each([
    ['nowhere', 'level: *nowhere\n'],
    [
      'to ten of ten of ten',
      `a: &a ${ten('x')}\nb: &b ${ten('*a')}\nc: &c ${ten('*b')}\nd: ${ten('*c')}\n`,
    ],
  ])('does not follow them %s', (_what, content) => {
    const error = thrownBy(() => parseConfig(content, schema, 'agent.yaml'), ConfigFault)
    expect(error.code).toBe('config.syntax')
    expect(error.message).toMatch(/^agent\.yaml: .*alias/)
  })
})

describe('a duration', () => {
  it.each([
    ['0s', 0],
    ['500ms', 500],
    ['5s', 5000],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['30d', 2_592_000_000],
  ])('%s is %i milliseconds', (given, milliseconds) => {
    expect(duration.parse(given)).toBe(milliseconds)
  })

  it.each(['', '5', '5 s', '-5s', '5S', '.5s', '5.s', '1h30m', '5w', 's', '1e3s', '5s\n'])(
    'is not "%s"',
    (given) => {
      expect(duration.safeParse(given).success).toBe(false)
    },
  )

  it('is not a bare number', () => {
    expect(duration.safeParse(500).success).toBe(false)
  })
})
